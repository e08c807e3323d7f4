//! Shows an application as a team would write it: a live support desk. Visitors of a web site talk
//! with agents, who see all open conversations.
//!
//! ```text
//! cargo run -p examples --bin support_desk
//! ```
//!
//! Open <http://127.0.0.1:3000/chat> as a visitor and <http://127.0.0.1:3000/desk> as the agent
//! `ada` with the password `lovelace`, in two windows. `grace` with `hopper` may also write to all
//! conversations at once, over HTTP:
//!
//! ```text
//! curl -c jar --json '{"name":"grace","password":"hopper"}' http://127.0.0.1:3000/desk/login
//! curl -b jar --json '{"text":"back in five minutes"}' http://127.0.0.1:3000/desk/notices
//! ```
//!
//! To read it, begin with `messages.rs`, and go on with `conversation.rs` and `overview.rs`. Then
//! come `login.rs` and `files.rs`, which are ordinary routes, and the database at last.
//!
//! The variable `DATABASE` names the file of the database, by default `support_desk.sqlite3`, and
//! `SESSION_SECONDS` is the lifetime of a login, by default eight hours.

mod app;
mod conversation;
mod desk_error;
mod files;
mod login;
mod messages;
mod notices;
mod overview;
mod password;
mod post_records;
mod session_records;
mod store;

use std::{env, error::Error, path::Path, time::Duration};

use ignitia::{
    health,
    limits::Rate,
    prelude::*,
    websocket::{CloseKind, WebSocketConfig},
};
use metrics_exporter_prometheus::PrometheusBuilder;

use crate::{app::App, conversation::Conversation, desk_error::DeskError, overview::Overview, store::Store};

/// Upper bounds of the histograms' buckets, in seconds.
const BUCKETS: [f64; 7] = [0.000_1, 0.001, 0.01, 0.1, 1.0, 60.0, 3_600.0];

/// Time between two runs that sort collected samples into their buckets.
const UPKEEP: Duration = Duration::from_secs(5);

/// Accounts of a new database: name, password, and true for an administrator.
const ACCOUNTS: [(&str, &str, bool); 2] = [("ada", "lovelace", false), ("grace", "hopper", true)];

/// Routes of visitors and agents. Each has a cookie for its own path.
fn routes(app: &App) -> Router {
    let limits = WebSocketConfig::default()
        .max_message_size(16 << 10) // more closes with 1009
        .message_rate(Rate::new(10, 30)); // ten a second, thirty at once; beyond, it is read later
    let conversations =
        || files::routes(Router::new().state(app.clone())).mount_session_with::<Conversation>(limits.clone());
    let visitors = login::visitor_routes(conversations());
    let agents = login::agent_routes(conversations())
        .mount_session_with::<Overview>(limits.clone())
        .post("/notices", notices::broadcast);
    Router::new().nest("/chat", visitors).nest("/desk", agents)
}

fn pages(router: Router) -> Router {
    let contract = router
        .contract()
        .title("Support desk", "1.0.0")
        .name("/chat/conversations/{conversation}", "visitorConversation")
        .name("/desk/conversations/{conversation}", "agentConversation");
    router
        .serve_javascript("/client.js", &contract)
        .get("/chat", || async { Response::html(include_str!("visitor.html")) })
        .get("/desk", || async { Response::html(include_str!("agent.html")) })
        .get("/conversation_view.js", || async {
            ([("content-type", "text/javascript; charset=utf-8")], include_str!("conversation_view.js"))
        })
        .get("/support_desk.css", || async {
            ([("content-type", "text/css; charset=utf-8")], include_str!("support_desk.css"))
        })
        .merge(examples::assets())
}

/// Adds the accounts of a new database. A real team adds its own with a command.
async fn add_accounts(store: &Store) -> Result<(), DeskError> {
    if store.has_accounts().await? {
        return Ok(());
    }
    for (name, password, is_admin) in ACCOUNTS {
        let hash = password::hash(password.into()).await?;
        store.add_account(name, hash, is_admin).await?;
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    examples::init_logging();
    let prometheus = PrometheusBuilder::new().set_buckets(&BUCKETS)?.install_recorder()?;
    ignitia::metrics::describe();
    let database = env::var("DATABASE").unwrap_or_else(|_| "support_desk.sqlite3".into());
    let session_time = match env::var("SESSION_SECONDS") {
        Ok(seconds) => Duration::from_secs(seconds.parse()?),
        Err(_) => Duration::from_secs(8 * 60 * 60),
    };
    let (store, thread) = Store::open(Path::new(&database))?;
    add_accounts(&store).await?;
    let app = App::new(store.clone(), session_time);

    let upkeep = prometheus.clone();
    let tasks = [
        tokio::spawn(overview::announce(app.clone())),
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(UPKEEP);
            loop {
                ticks.tick().await;
                upkeep.run_upkeep();
            }
        }),
    ];
    let router = pages(routes(&app))
        // For the balancer, and for Prometheus. Keep `/metrics` from the outside in your proxy.
        .get("/livez", health::livez)
        .get("/readyz", health::readyz)
        .get("/metrics", move || async move {
            ([("content-type", "text/plain; version=0.0.4; charset=utf-8")], prometheus.render())
        })
        .on_close(|closed| {
            if matches!(closed.cause.kind, CloseKind::Panic | CloseKind::Lagged | CloseKind::WriteStall) {
                tracing::warn!(connection = %closed.id, route = closed.route, cause = %closed.cause, "ended");
            }
        });
    let server = Server::new(router, examples::address()?).bind().await?;
    examples::announce("http", server.local_addr());
    // Returns after SIGTERM, once every connection is closed with 1001 and what was being handled
    // is answered. Then the database has nothing more to store.
    let served = server.ignitia().await;
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
    thread.close(store).await;
    Ok(served?)
}
