//! Those who break off, stall and break the rules.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{
    Clients, Dice, Outcome,
    frames::{header, text},
    one,
    peer::{Peer, request, tcp, within},
};

/// Cut off in the middle of a frame.
pub(super) async fn reset(clients: Clients, mut dice: Dice) -> Outcome<()> {
    while clients.pause(&mut dice, 400).await {
        let mut peer = Peer::open(clients.0.addr, "/reset").await?;
        peer.send(&text("whole")).await?;
        let echo = peer.expect().await?;
        if echo.payload != b"whole" {
            return Err(format!("reset: {echo:?}"));
        }
        let frame = text("and half of a frame");
        peer.send_part(&frame[..dice.roll(frame.len() as u64) as usize]).await?;
        peer.reset();
        let mut counts = one("Lost");
        (counts.up, counts.down) = (1, 1);
        clients.count("reset", &counts);
    }
    Ok(())
}

/// Never reads. The server notices, and says so where it is asked: this end cannot see it.
pub(super) async fn stall(clients: Clients, mut dice: Dice) -> Outcome<()> {
    while clients.pause(&mut dice, 400).await {
        let id = clients.number();
        let buffer = Some(16 << 10);
        let stalled = Peer::over(tcp(clients.0.addr, buffer).await?, &format!("/stall/{id}")).await?;
        let mut asking = tcp(clients.0.addr, None).await?;
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
        clients.count("stall", &one("WriteStall"));
    }
    Ok(())
}

/// Breaks a rule, and is told which.
pub(super) async fn violate(clients: Clients, mut dice: Dice) -> Outcome<()> {
    let violations: [(&str, Vec<u8>, u16); 9] = [
        ("no mask", vec![0x81, 1, b'x'], 1002),
        ("a reserved bit", header(0xc1, 0), 1002),
        ("a reserved opcode", header(0x83, 0), 1002),
        ("a control frame in fragments", header(0x09, 0), 1002),
        ("a long control frame", header(0x89, 126), 1002),
        ("a continuation of nothing", header(0x80, 0), 1002),
        ("a close code that must not be sent", super::frames::close(1005), 1002),
        ("no UTF-8", [header(0x81, 2), vec![0xc3, 0x28]].concat(), 1007),
        ("a message that is too long", header(0x82, 64 << 20), 1009),
    ];
    while clients.pause(&mut dice, 400).await {
        let (what, bytes, code) = &violations[dice.roll(violations.len() as u64) as usize];
        let mut peer = Peer::open(clients.0.addr, "/broken").await?;
        peer.send(bytes).await?;
        peer.expect_close(*code).await.map_err(|fault| format!("{what}: {fault}"))?;
        clients.count("broken", &one("Violation"));
    }
    Ok(())
}

/// Does not come to the end of its request: some wait to be cut off.
pub(super) async fn half_handshake(clients: Clients, mut dice: Dice) -> Outcome<()> {
    while clients.pause(&mut dice, 1_000).await {
        let mut stream = tcp(clients.0.addr, None).await?;
        let request = request("/churn");
        let half = dice.roll(request.len() as u64 - 4) as usize;
        let sent = stream.write_all(&request.as_bytes()[..half]).await;
        sent.map_err(|error| format!("half a handshake: {error}"))?;
        if dice.roll(2) == 0 {
            let mut answer = Vec::new();
            within("the end of half a handshake", stream.read_to_end(&mut answer)).await?.ok();
            if answer.starts_with(b"HTTP/1.1 101") {
                return Err("half a handshake was upgraded".into());
            }
        }
    }
    Ok(())
}
