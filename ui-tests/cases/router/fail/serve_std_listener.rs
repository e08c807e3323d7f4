use ignitia::prelude::*;

async fn serve(router: Router) -> Result<()> {
    let listener = std::net::TcpListener::bind("127.0.0.1:3000")?;
    Server::new(router, "127.0.0.1:3000".parse()?).serve(listener).await
}

fn main() {
    let _ = serve;
}
