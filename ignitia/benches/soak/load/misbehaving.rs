//! Clients that reset, stall, violate the protocol or abandon the handshake.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{
    context::LoadContext,
    deadline::{ClientResult, within},
    frames::{close, header, text},
    random::Xorshift,
    tcp,
    websocket_client::{WebSocketClient, request},
};
use crate::report::RouteCounts;

/// Resets connections in the middle of a frame.
pub(super) async fn reset(context: LoadContext, mut random: Xorshift) -> ClientResult<()> {
    while context.pause(&mut random, 400).await {
        let mut client = WebSocketClient::open(context.addr, "/reset").await?;
        client.send(&text("whole")).await?;
        let echo = client.expect().await?;
        if echo.payload != b"whole" {
            return Err(format!("reset: {echo:?}"));
        }
        let frame = text("and half of a frame");
        client.send_part(&frame[..random.below(frame.len() as u64) as usize]).await?;
        client.reset();
        let mut counts = RouteCounts::of_one("Lost");
        (counts.from_clients, counts.to_clients) = (1, 1);
        context.count("reset", &counts);
    }
    Ok(())
}

/// Never reads. Only the server can see the write stall, so the client asks it for the cause.
pub(super) async fn stall(context: LoadContext, mut random: Xorshift) -> ClientResult<()> {
    while context.pause(&mut random, 400).await {
        let id = context.unique_number();
        let buffer = Some(16 << 10);
        let stalled =
            WebSocketClient::over(tcp::connect(context.addr, buffer).await?, &format!("/stall/{id}")).await?;
        let mut asking = tcp::connect(context.addr, None).await?;
        let request = format!("GET /stall/{id}/end HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let mut answer = String::new();
        within("the end of a stalled connection", async {
            asking.write_all(request.as_bytes()).await?;
            asking.read_to_string(&mut answer).await
        })
        .await?
        .map_err(|error| format!("asking for the end: {error}"))?;
        if !answer.ends_with("\r\n\r\nWriteStall") {
            return Err(format!("stall: {answer}"));
        }
        drop(stalled);
        context.count("stall", &RouteCounts::of_one("WriteStall"));
    }
    Ok(())
}

/// Violates the protocol, and checks the close code.
pub(super) async fn violate(context: LoadContext, mut random: Xorshift) -> ClientResult<()> {
    let violations: [(&str, Vec<u8>, u16); 9] = [
        ("no mask", vec![0x81, 1, b'x'], 1002),
        ("a reserved bit", header(0xc1, 0), 1002),
        ("a reserved opcode", header(0x83, 0), 1002),
        ("a control frame in fragments", header(0x09, 0), 1002),
        ("a long control frame", header(0x89, 126), 1002),
        ("a continuation of nothing", header(0x80, 0), 1002),
        ("a close code that must not be sent", close(1005), 1002),
        ("no UTF-8", [header(0x81, 2), vec![0xc3, 0x28]].concat(), 1007),
        ("a message that is too long", header(0x82, 64 << 20), 1009),
    ];
    while context.pause(&mut random, 400).await {
        let (what, bytes, code) = &violations[random.below(violations.len() as u64) as usize];
        let mut client = WebSocketClient::open(context.addr, "/broken").await?;
        client.send(bytes).await?;
        client.expect_close(*code).await.map_err(|fault| format!("{what}: {fault}"))?;
        context.count("broken", &RouteCounts::of_one("Violation"));
    }
    Ok(())
}

/// Sends a part of a request. Every second client waits for the server to end the connection.
pub(super) async fn abandon_handshake(context: LoadContext, mut random: Xorshift) -> ClientResult<()> {
    while context.pause(&mut random, 1_000).await {
        let mut stream = tcp::connect(context.addr, None).await?;
        let request = request("/churn");
        let half = random.below(request.len() as u64 - 4) as usize;
        let sent = stream.write_all(&request.as_bytes()[..half]).await;
        sent.map_err(|error| format!("half a handshake: {error}"))?;
        if random.below(2) == 0 {
            let mut answer = Vec::new();
            within("the end of half a handshake", stream.read_to_end(&mut answer)).await?.ok();
            if answer.starts_with(b"HTTP/1.1 101") {
                return Err("half a handshake was upgraded".into());
            }
        }
    }
    Ok(())
}
