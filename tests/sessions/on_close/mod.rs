//! `on_close`: called once for every accepted session, with the cause of its end.

mod causes;
mod failed_upgrades;
mod handlers;

use std::{future::pending, time::Duration};

use ignitia::{
    prelude::*,
    testing::{TestClient, TestSocket},
    websocket::{CloseCause, WebSocketConfig},
};
use tokio::time::sleep;

use super::{Event, EventLog, Events, In, Out, log};
use crate::support::client;

struct Recorder {
    log: EventLog,
    behaviour: Behaviour,
}

/// Behaviour of `on_close`.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
enum Behaviour {
    #[default]
    Good,
    /// Its `on_close` takes so long.
    Slow(Duration),
    Endless,
    Panics,
    /// Its `on_close` occupies the thread.
    Blocks,
}

#[derive(Clone)]
struct App {
    log: EventLog,
    behaviour: Behaviour,
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.log.say(Event::Dropped);
    }
}

#[websocket("/", message = In, reply = Out)]
impl Recorder {
    async fn accept(State(App { log, behaviour }): State<App>) -> Self {
        log.say(Event::Accepted);
        Self { log, behaviour }
    }

    async fn on_open(&mut self) {
        self.log.say(Event::Opened);
    }

    #[on(Say { text })]
    async fn say(&mut self, text: String) -> Out {
        Out::Said { text }
    }

    #[on(Wait { millis })]
    async fn wait(&mut self, millis: u64) -> Out {
        sleep(Duration::from_millis(millis)).await;
        Out::Waited
    }

    #[on(Leave)]
    async fn leave(&mut self) -> CloseFrame {
        CloseFrame { code: 4000, reason: "left".into() }
    }

    #[on(Fail)]
    async fn fail(&mut self) -> Result<()> {
        Err(std::io::Error::other("on purpose").into())
    }

    #[on(Panic)]
    async fn panic(&mut self) {
        panic!("on purpose")
    }

    #[on(Stuck)]
    async fn stuck(&mut self) {
        self.log.say(Event::Heard("stuck".into()));
        pending().await
    }

    async fn on_close(self, why: CloseCause, ws: &WebSocketConnection) {
        assert_eq!(ws.closed().await, why);
        self.log.say(Event::Closing(why));
        match self.behaviour {
            Behaviour::Good => {}
            Behaviour::Slow(time) => sleep(time).await,
            Behaviour::Endless => pending().await,
            Behaviour::Panics => panic!("on purpose, in `on_close`"),
            Behaviour::Blocks => loop {
                tokio::task::yield_now().await;
            },
        }
        self.log.say(Event::Closed);
    }
}

fn router(log: EventLog, behaviour: Behaviour) -> Router<App> {
    Router::new().state(App { log, behaviour }).mount_session::<Recorder>()
}

/// Opens a session, and returns its events.
async fn open(config: WebSocketConfig) -> (TestClient, TestSocket, Events) {
    let (log, events) = log();
    let client = client(router(log, Behaviour::Good).websocket_config(config));
    let socket = client.connect("/").await;
    (client, socket, events)
}

/// Returns the cause of the only end of the only session.
async fn end(client: &TestClient, events: &mut Events) -> CloseCause {
    let cause = events.cause().await;
    client.shutdown().drain().await;
    assert_eq!(events.so_far(), [Event::Closed, Event::Dropped]);
    cause
}

/// The same without a deadline for the wait.
async fn end_by_clock(client: &TestClient, events: &mut Events) -> CloseCause {
    let cause = loop {
        if let Some(Event::Closing(cause)) = events.0.recv().await {
            break cause;
        }
    };
    client.shutdown().drain().await;
    assert_eq!(events.so_far(), [Event::Closed, Event::Dropped]);
    cause
}

fn close_frame(code: u16, reason: &str) -> Option<CloseFrame> {
    Some(CloseFrame { code, reason: reason.into() })
}

fn defaults() -> WebSocketConfig {
    WebSocketConfig::default()
}
