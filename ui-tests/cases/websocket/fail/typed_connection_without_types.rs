use ignitia::prelude::*;

#[websocket("/echo")]
async fn echo(ws: TypedConnection) -> Result<Response> {
    ws.accept().await?;
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().mount(echo);
}

// Errors: 3
