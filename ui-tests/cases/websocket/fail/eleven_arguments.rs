use ignitia::prelude::*;

#[websocket("/<a>/<b>/<c>/<d>/<e>/<f>/<g>/<h>/<i>/<j>/<k>")]
async fn add(
    a: u8,
    b: u8,
    c: u8,
    d: u8,
    e: u8,
    f: u8,
    g: u8,
    h: u8,
    i: u8,
    j: u8,
    k: u8,
    ws: WebSocketConnection,
) -> Result<Response> {
    let sum = [a, b, c, d, e, f, g, h, i, j, k].into_iter().map(u32::from).sum::<u32>();
    ws.send_json(&sum).await?;
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().mount(add);
}
