//! `on_close` of sessions whose upgrade fails after `accept`.

use std::{future::pending, time::Duration};

use axum::{
    extract::Request,
    middleware::{Next, from_fn},
};
use ignitia::{
    RouterExt,
    prelude::*,
    websocket::{CloseCause, CloseKind},
};
use tokio::time::Instant;

use super::{App, Behaviour, Recorder, end};
use crate::{
    sessions::{Event, EventLog, In, log},
    support::{Request as Handshake, Transport, client, within},
};

/// A layer between the session and the client replaces the answer.
#[tokio::test(start_paused = true)]
async fn on_close_runs_when_the_upgrade_fails() {
    async fn eat(request: Request, next: Next) -> StatusCode {
        let response = next.run(request).await;
        assert_eq!(response.status(), StatusCode::SWITCHING_PROTOCOLS);
        StatusCode::IM_A_TEAPOT
    }
    let (log, mut events) = log();
    let router = axum::Router::new()
        .mount_session::<Recorder>()
        .with_state(App { log, behaviour: Behaviour::Good })
        .layer(from_fn(eat));
    let client = client(router);
    assert_eq!(client.request("/").rejection().await.status, StatusCode::IM_A_TEAPOT);
    let cause = end(&client, &mut events).await;
    // hyper may hand out the transport all the same, when it has ended.
    assert!([CloseKind::NotUpgraded, CloseKind::Lost].contains(&cause.kind), "{cause:?}");
    assert_eq!((cause.frame, cause.clean), (None, false));
}

#[tokio::test(start_paused = true)]
async fn on_close_runs_when_the_upgrade_does_not_come() {
    async fn hold(request: Request, next: Next) -> Response {
        let _response = next.run(request).await;
        pending().await
    }
    let (log, mut events) = log();
    let router = axum::Router::new()
        .mount_session::<Recorder>()
        .with_state(App { log, behaviour: Behaviour::Good })
        .layer(from_fn(hold));
    let client = client(router).deadline(Duration::from_secs(100));
    let start = Instant::now();
    let request = client.request("/");
    let handshake = tokio::spawn(async move { request.rejection().await });
    loop {
        if let Some(Event::Closing(cause)) = events.0.recv().await {
            assert_eq!((cause.kind, cause.frame), (CloseKind::NotUpgraded, None));
            break;
        }
    }
    assert_eq!(start.elapsed().as_secs(), 10);
    handshake.abort();
}

/// The client has left and the handshake is dropped: an accepted session gets its end, any other
/// nothing.
#[tokio::test]
async fn on_close_runs_once_when_the_client_is_gone_before_the_101() {
    for transport in Transport::ALL {
        let (log, mut events) = log();
        let gate = std::sync::Arc::new(tokio::sync::Notify::new());
        let server = transport.serve(Router::new().state((log, gate.clone())).mount_session::<Gated>()).await;
        let (mut accepted, mut closed) = (0, 0);
        let mut count = |event: &Event| match event {
            Event::Accepted => accepted += 1,
            Event::Closing(cause) => {
                // The drain at the end may come before the server notices that the last client has
                // left.
                let causes = [CloseKind::NotUpgraded, CloseKind::Lost, CloseKind::Shutdown];
                assert!(causes.contains(&cause.kind), "{cause:?}");
                closed += 1;
            }
            _ => {}
        };
        for round in 0..60 {
            let mut socket = server.connect().await;
            socket.request(&Handshake::upgrade("/gated")).await;
            loop {
                let event = events.next().await;
                if event == Event::Accepting {
                    break;
                }
                count(&event);
            }
            match round % 3 {
                // The server notices it before `accept` continues, or after.
                0 => {
                    drop(socket);
                    for _ in 0..round {
                        tokio::task::yield_now().await;
                    }
                }
                1 => socket.reset(),
                _ => {
                    gate.notify_waiters();
                    for _ in 0..round / 6 {
                        tokio::task::yield_now().await;
                    }
                    drop(socket);
                }
            }
            gate.notify_waiters();
        }
        within("the drain", server.stop()).await.unwrap();
        for event in events.so_far() {
            count(&event);
        }
        println!("{accepted} were accepted, {closed} were told");
        assert_eq!(accepted, closed, "{transport:?}");
        assert!(accepted >= 10, "only {accepted} were accepted: {transport:?}");
    }
}

struct Gated {
    log: EventLog,
}

#[websocket("/gated", message = In)]
impl Gated {
    async fn accept(State((log, gate)): State<(EventLog, std::sync::Arc<tokio::sync::Notify>)>) -> Self {
        let opened = gate.notified();
        log.say(Event::Accepting);
        opened.await;
        log.say(Event::Accepted);
        Self { log }
    }

    #[on(Say { .. })]
    async fn say(&self) {}

    #[on(Wait { .. })]
    async fn wait(&self) {}

    #[on(Leave)]
    async fn leave(&self) {}

    #[on(Fail)]
    async fn fail(&self) {}

    #[on(Panic)]
    async fn panic(&self) {}

    #[on(Stuck)]
    async fn stuck(&self) {}

    async fn on_close(self, why: CloseCause) {
        self.log.say(Event::Closing(why));
    }
}

/// A drain that begins during `accept` refuses the handshake: nothing was accepted.
#[tokio::test]
async fn on_close_does_not_run_when_accept_is_cut_off() {
    let (log, mut events) = log();
    let gate = std::sync::Arc::new(tokio::sync::Notify::new());
    let client = client(Router::new().state((log, gate.clone())).mount_session::<Gated>());
    let request = client.request("/gated");
    let handshake = tokio::spawn(async move { request.rejection().await });
    assert_eq!(events.next().await, Event::Accepting);
    client.shutdown().drain().await;
    let refused = handshake.await.unwrap();
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.header("retry-after"), Some("5"));
    gate.notify_waiters();
    assert_eq!(events.so_far(), []);
}
