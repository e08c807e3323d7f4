//! `ignitia::testing`: shortcuts of the test client.

use ignitia::{prelude::*, testing::TestClient};

async fn login(Json(name): Json<String>) -> ([(&'static str, String); 1], &'static str) {
    ([("set-cookie", format!("user={name}; Path=/"))], "welcome")
}

fn routes() -> Router {
    Router::new()
        .post("/login", login)
        .post("/logout", || async { ([("set-cookie", "user=; Path=/; Max-Age=0")], "bye") })
        .post("/mirror", |body: String| async move { body })
        .post("/json", |Json(numbers): Json<Vec<i32>>| async move { Json(numbers.iter().sum::<i32>()) })
        .get("/whoami", |Cookies(cookies): Cookies| async move {
            cookies.get("user").unwrap_or("nobody").to_owned()
        })
        .websocket("/ws", |Cookies(cookies): Cookies, ws: WebSocketConnection| async move {
            let Some(user) = cookies.get("user").map(str::to_owned) else {
                return Ok(Response::unauthorized("log in first"));
            };
            for n in 0..3 {
                ws.send_ping(b"tick").await?;
                ws.send_text(format!("{user} {n}")).await?;
            }
            Ok::<_, Error>(Response::ok())
        })
}

#[tokio::test]
async fn cookies_are_kept_if_the_client_asks_for_it() {
    let plain = TestClient::new(routes()).unwrap();
    let client = plain.clone().with_cookies();
    assert_eq!(plain.post_json("/login", "ann").await.text(), "welcome");
    assert_eq!(plain.get("/whoami").await.text(), "nobody");
    assert_eq!(plain.cookie("user"), None);

    assert_eq!(client.request("/ws").rejection().await.status, 401);
    assert_eq!(client.post_json("/login", "ann").await.text(), "welcome");
    let another = client.clone().with_cookies();
    assert_eq!(client.clone().get("/whoami?x=1").await.text(), "ann");
    assert_eq!(another.get("/whoami").await.text(), "nobody");
    assert_eq!(client.request("/whoami").header("cookie", "user=eve").get().await.text(), "eve");
    let mut socket = client.connect("/ws").await;
    assert_eq!(socket.recv_text().await, "ann 0");
    client.post("/logout", "").await;
    assert_eq!((client.cookie("user"), client.get("/whoami").await.text()), (None, "nobody".into()));
    client.set_cookie("user", "bob");
    assert_eq!(client.get("/whoami").await.text(), "bob");
}

#[tokio::test]
async fn a_post_takes_one_call() {
    let client = TestClient::new(routes()).unwrap();
    assert_eq!(client.post("/mirror", "text").await.text(), "text");
    assert_eq!(client.post_json("/json", &[1, 2, 3]).await.json::<i32>(), 6);
    let typed = client.request("/json").header("x-more", "1").post_json(&[4]).await;
    assert_eq!((typed.status.as_u16(), typed.json::<i32>()), (200, 4));
}

#[tokio::test(start_paused = true)]
async fn an_expected_message_may_come_behind_others() {
    let client = TestClient::new(routes()).unwrap().with_cookies();
    client.set_cookie("user", "ann");
    let mut socket = client.connect("/ws").await;
    let text = |wanted: &'static str| move |message: &Message| *message == Message::Text(wanted.into());
    socket.recv_until(text("ann 1")).await;
    let ping = socket.recv_until(|message| matches!(message, Message::Ping(_))).await;
    assert_eq!(ping, Message::Ping("tick".into()));
    let missing = tokio::spawn(async move { socket.recv_until(text("ann 7")).await });
    let said = *missing.await.unwrap_err().into_panic().downcast::<String>().unwrap();
    assert!(said.contains("ended") && said.contains("ann 2"), "{said}");

    let silent = Router::new().websocket("/", |mut ws: WebSocketConnection| async move {
        ws.send_text("only this").await?;
        ws.recv().await;
        Ok::<_, Error>(Response::ok())
    });
    let mut socket = TestClient::new(silent).unwrap().connect("/").await;
    let missing = tokio::spawn(async move { socket.recv_until(text("more")).await });
    let said = *missing.await.unwrap_err().into_panic().downcast::<String>().unwrap();
    assert!(said.contains("5s") && said.contains("only this"), "{said}");
}
