//! Everything that a handler may return, by fns and by closures.

use std::future::{Ready, ready};

use axum::response::Redirect;
use ignitia::{prelude::*, websocket::CloseCode};

type Ws = WebSocketConnection;

async fn opaque(_: Ws) -> impl IntoResponse {
    "bye"
}

async fn response(_: Ws) -> Response {
    Response::ok()
}

async fn result(_: Ws) -> Result<Response> {
    Ok(Response::unauthorized("no"))
}

async fn opaque_result(_: Ws) -> Result<impl IntoResponse> {
    Ok("bye")
}

async fn status_as_error(_: Ws) -> Result<String, StatusCode> {
    Err(StatusCode::FORBIDDEN)
}

async fn json_in_both(_: Ws) -> Result<Json<u8>, (StatusCode, Json<u8>)> {
    Ok(Json(1))
}

async fn axum_result(_: Ws) -> axum::response::Result<&'static str> {
    Err(StatusCode::FORBIDDEN)?
}

async fn pair(_: Ws) -> (StatusCode, String) {
    (StatusCode::IM_A_TEAPOT, "short and stout".into())
}

async fn status(_: Ws) -> StatusCode {
    StatusCode::OK
}

async fn redirect(_: Ws) -> Redirect {
    Redirect::to("/elsewhere")
}

async fn close_frame(_: Ws) -> CloseFrame {
    CloseFrame { code: CloseCode::NORMAL, reason: "bye".into() }
}

async fn close_frame_or_error(_: Ws) -> Result<CloseFrame> {
    let _: std::net::SocketAddr = "nowhere".parse()?;
    Ok(CloseFrame { code: CloseCode::NORMAL, reason: "bye".into() })
}

fn no_async_fn(_: Ws) -> Ready<&'static str> {
    ready("bye")
}

async fn until_none(mut ws: Ws) -> Response {
    loop {
        if ws.recv().await.is_none() {
            return Response::ok();
        }
    }
}

fn main() {
    let _ = Router::new()
        .websocket("/opaque", opaque)
        .websocket("/response", response)
        .websocket("/result", result)
        .websocket("/opaque-result", opaque_result)
        .websocket("/status-as-error", status_as_error)
        .websocket("/json-in-both", json_in_both)
        .websocket("/axum-result", axum_result)
        .websocket("/pair", pair)
        .websocket("/status", status)
        .websocket("/redirect", redirect)
        .websocket("/close-frame", close_frame)
        .websocket("/close-frame-or-error", close_frame_or_error)
        .websocket("/no-async-fn", no_async_fn)
        .websocket("/until-none", until_none)
        .websocket("/closure", |_: Ws| async { "bye" })
        .websocket("/closure-frame", |_: Ws| async { CloseFrame { code: 4000, reason: "bye".into() } })
        .websocket("/closure-ready", |_: Ws| ready(StatusCode::OK))
        .websocket("/closure-error", |ws: Ws| async move {
            ws.send_text("hello").await?;
            Ok::<_, Error>(Response::ok())
        })
        .websocket("/closure-early", |ws: Ws| async move {
            if ws.send_text("hello").await.is_err() {
                return Err(StatusCode::INTERNAL_SERVER_ERROR);
            }
            Ok("bye")
        })
        .websocket("/async-closure", async |ws: Ws| match ws.send_text("hello").await {
            Ok(()) => Response::ok(),
            Err(_) => Response::internal_error(),
        });
}
