use std::rc::Rc;

use ignitia::prelude::*;

fn main() {
    let _ = Router::new().websocket("/hello", |ws: WebSocketConnection| async move {
        let name = Rc::new("world");
        ws.send_text(format!("hello, {name}")).await?;
        println!("greeted the {name}");
        Ok::<_, Error>(Response::ok())
    });
}
