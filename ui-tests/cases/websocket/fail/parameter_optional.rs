use ignitia::prelude::*;

#[websocket("/r/<n>")]
async fn r(n: Option<u8>, ws: WebSocketConnection) -> Result<Response> {
    let _ = n;
    ws.accept().await?;
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().mount(r);
}
