//! `/livez` and `/readyz`.

use std::time::Duration;

use ignitia::{DrainConfig, Shutdown, health, prelude::*};

use crate::support::{Request, Transport, within};

#[tokio::test]
async fn readyz_is_ready_until_a_drain_begins() {
    for with_shutdown in [true, false] {
        let shutdown =
            Shutdown::with_config(DrainConfig::default().notice(Duration::ZERO).jitter(Duration::ZERO));
        let router = Router::new().get("/livez", health::livez).get("/readyz", health::readyz);
        // axum's server continues to answer while the routes drain.
        let server = if with_shutdown {
            Transport::Axum.serve_until(router, shutdown.clone()).await
        } else {
            Transport::Plain.serve(router).await
        };
        let ask = async |path: &str| {
            let (head, mut socket) = server.ask(&Request::get(path)).await;
            (head.status, socket.body(&head).await)
        };
        assert_eq!(ask("/livez").await, (200, "alive".to_owned()));
        assert_eq!(ask("/readyz").await, (200, "ready".to_owned()));
        if with_shutdown {
            within("the drain", shutdown.drain()).await;
            assert_eq!(ask("/livez").await, (200, "alive".to_owned()));
            assert_eq!(ask("/readyz").await, (503, "draining".to_owned()));
        }
    }
}
