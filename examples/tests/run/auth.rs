//! Tests of `auth.rs`.

use serde_json::{Value, json};

use crate::running_example::RunningExample;

#[tokio::test]
async fn only_users_with_access_to_a_room_are_upgraded() {
    let example = RunningExample::start(env!("CARGO_BIN_EXE_auth")).await;
    example.check_page("<h1>Log in</h1>").await;
    let with_cookie = |path: &str, cookie: &str| {
        let mut request = example.request(path);
        request.headers_mut().insert("cookie", format!("a=b; {cookie}").parse().expect("a header value"));
        request
    };

    // 401 before the upgrade: no token, or a wrong one, in the query or the cookie.
    let refused = (401, "log in first".to_owned());
    assert_eq!(example.refusal(example.request("/ws/lobby")).await, refused);
    assert_eq!(example.refusal(example.request("/ws/lobby?token=guess")).await, refused);
    assert_eq!(example.refusal(with_cookie("/ws/lobby", "session_id=guess")).await, refused);

    // A page asks whether it is logged in, and gets no error.
    assert_eq!(example.get("/session").await, "null");

    let wrong = json!({ "user": "bob", "password": "guess" }).to_string();
    let json = "Content-Type: application/json\r\n";
    let (head, _) = example.http("POST", "/login", json, &wrong).await;
    assert!(head.starts_with("HTTP/1.1 401 "), "{head}");
    let login = |user, password| json!({ "user": user, "password": password }).to_string();
    let (head, body) = example.http("POST", "/login", json, &login("bob", "builder")).await;
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).expect("a cookie");
    assert!(cookie.contains("; HttpOnly"), "{cookie}");
    let cookie = cookie.split(';').next().expect("a name and a value");
    let body: Value = serde_json::from_str(&body).expect("JSON");
    let token = body["token"].as_str().expect("a token");

    // 403 for bob, and not for alice.
    assert_eq!(example.refusal(with_cookie("/ws/staff", cookie)).await, (403, "staff only".into()));
    assert_eq!(example.refusal(with_cookie("/ws/cellar", cookie)).await.0, 404);
    let (_, body) = example.http("POST", "/login", json, &login("alice", "wonderland")).await;
    let body: Value = serde_json::from_str(&body).expect("JSON");
    let alice = body["token"].as_str().expect("a token");
    let mut alice = example.connect(&format!("/ws/staff?token={alice}")).await;
    assert_eq!(alice.text().await, "Welcome to the staff, alice.");

    // The page can ask for the reason of a refusal.
    let cookie_header = format!("Cookie: {cookie}\r\n");
    for (path, headers, status) in [
        ("/access/lobby", "", "401"),
        ("/access/staff", &*cookie_header, "403"),
        ("/access/lobby", &*cookie_header, "200"),
    ] {
        let (head, _) = example.http("GET", path, headers, "").await;
        assert_eq!(head.split(' ').nth(1), Some(status), "{path}");
    }

    let (_, user) = example.http("GET", "/session", &cookie_header, "").await;
    assert_eq!(user, "\"bob\"");

    // Both ways to log in work. The logout closes both connections and revokes the token.
    let mut by_cookie =
        example.handshake(with_cookie("/ws/lobby", cookie)).await.expect("the upgrade succeeds");
    assert_eq!(by_cookie.text().await, "Welcome to the lobby, bob.");
    let mut by_query = example.connect(&format!("/ws/lobby?token={token}")).await;
    assert_eq!(by_query.text().await, "Welcome to the lobby, bob.");
    by_query.send("hi").await;
    assert_eq!(by_query.text().await, "bob: hi");
    let (head, _) = example.http("POST", "/logout", &cookie_header, "").await;
    assert!(head.starts_with("HTTP/1.1 204 "), "{head}");
    for mut client in [by_cookie, by_query] {
        let frame = client.closed().await.expect("a close frame with a code");
        assert_eq!((u16::from(frame.code), frame.reason.as_str()), (3000, "logged out"));
    }
    assert_eq!(example.refusal(example.request(&format!("/ws/lobby?token={token}"))).await, refused);

    example.stop([alice]).await;
}
