use std::rc::Rc;

use ignitia::prelude::*;

#[websocket("/hello")]
async fn hello(ws: WebSocketConnection) -> Result<Response> {
    let name = Rc::new("world");
    ws.send_text(format!("hello, {name}")).await?;
    println!("greeted the {name}");
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().mount(hello);
}
