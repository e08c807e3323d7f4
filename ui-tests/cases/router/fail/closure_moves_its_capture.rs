use ignitia::prelude::*;

fn main() {
    let greeting = String::from("hello");
    let _ = Router::new().websocket("/hello", move |ws: WebSocketConnection| async move {
        ws.send_text(greeting).await?;
        Ok::<_, Error>(Response::ok())
    });
}
