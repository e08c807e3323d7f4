use ignitia::prelude::*;

struct Question;
struct Answer;

#[websocket("/ask")]
async fn ask(mut ws: TypedConnection<Question, Answer>) -> Result<Response> {
    while let Some(question) = ws.recv().await {
        drop(question);
        ws.send(&Answer).await?;
    }
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().mount(ask);
}

// Mistakes: 2
