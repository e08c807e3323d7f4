use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

#[websocket("/<a>/<b>/<c>/<d>/<e>/<f>/<g>/<h>", on_message)]
async fn echo(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8, msg: ClientMsg) {
    match msg {
        ClientMsg::Say { text } => println!("{text} {}", a + b + c + d + e + f + g + h),
        ClientMsg::Leave => {}
    }
}

fn main() {
    let _ = Router::new().mount(echo);
}
