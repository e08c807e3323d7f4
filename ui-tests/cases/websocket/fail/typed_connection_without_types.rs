use ignitia::prelude::*;

#[websocket("/echo")]
async fn echo(ws: TypedConnection) -> Result<Response> {
    ws.accept().await?;
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().mount(echo);
}

// rustc says it of each item in which the type stands: the function, the one around it, and the endpoint.
// Errors: 3
