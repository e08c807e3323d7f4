use ignitia::prelude::*;

type Number = Extension<u8>;

#[websocket("/add")]
async fn add(
    a: Number,
    b: Number,
    c: Number,
    d: Number,
    e: Number,
    f: Number,
    g: Number,
    h: Number,
    ws: WebSocketConnection,
) -> Result<Response> {
    let sum = [a, b, c, d, e, f, g, h].into_iter().map(|Extension(n)| u32::from(n)).sum::<u32>();
    ws.send_json(&sum).await?;
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().mount(add);
}
