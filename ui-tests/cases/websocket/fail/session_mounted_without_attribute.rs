use ignitia::prelude::*;

struct Chat {
    room: String,
}

impl Chat {
    async fn accept(room: String) -> Self {
        Self { room }
    }
}

fn main() {
    let _ = Router::new().mount_session::<Chat>();
}
