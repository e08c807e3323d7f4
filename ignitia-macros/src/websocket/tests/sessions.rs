//! Tests annotated `impl` blocks.

use super::{error_texts, expand};
use crate::test_support::tokens;

const ATTRIBUTE: &str = r#""/chat/<room>", message = Ask"#;

/// Returns the errors of a session that is valid but for these items.
fn error_texts_of(items: &str) -> Vec<String> {
    error_texts(ATTRIBUTE, &format!("impl Chat {{ async fn accept(room: String) -> Self {{}} {items} }}"))
}

/// Returns the errors of a session that is valid but for this `accept`.
fn error_texts_of_accept(accept: &str) -> Vec<String> {
    error_texts(ATTRIBUTE, &format!("impl Chat {{ {accept} #[on(Leave)] async fn leave(&mut self) {{}} }}"))
}

#[test]
fn all_errors_of_the_block_are_found() {
    assert_eq!(
        error_texts(
            r#""chat", on_message, reply = "Told", id, on_malformed = drop"#,
            "unsafe impl<T: Topic> Chat<T> { fn on_open(self) {} async fn on_colse(self) {} }"
        ),
        [
            "the path must start with `/`",
            "`reply` is the enum of the messages that the server sends",
            "`id` is the name of the field that replies repeat",
            "`drop` is not a value of `on_malformed`",
            "`on_message` is only for functions",
            "a session needs `accept`",
            "a session needs a method for its messages",
            "`on_open` must be async",
            "`on_open` cannot consume the session: it takes `&mut self`",
            "`on_colse` is not a hook, so it is never called"
        ]
    );
    assert_eq!(
        error_texts(ATTRIBUTE, "impl Session for Chat { fn open() {} }"),
        ["a session is an inherent `impl` block, not that of a trait"]
    );
    assert_eq!(
        error_texts(r#""/chat", message = (Ask, Told)"#, "impl Chat {}"),
        [
            "`message` must be the name of an enum",
            "a session needs `accept`",
            "a session needs a method for its messages"
        ]
    );
    assert_eq!(
        error_texts(r#""/chat", message = <Chat as Session>::Ask"#, "impl Chat {}"),
        [
            "`message` must be the name of an enum",
            "a session needs `accept`",
            "a session needs a method for its messages"
        ]
    );
}

#[test]
fn a_handler_or_clock_called_accept_creates_no_session() {
    assert_eq!(
        error_texts(ATTRIBUTE, "impl Chat { #[on(Leave)] async fn accept(&mut self) {} }"),
        ["a session needs `accept`"]
    );
    assert_eq!(
        error_texts(
            ATTRIBUTE,
            r#"impl Chat { #[every("1s")] async fn accept(&mut self) {} #[on(Leave)] async fn leave(&mut self) {} }"#
        ),
        ["`accept` is a hook, and cannot be a clock too"]
    );
}

#[test]
fn all_errors_of_accept_are_found() {
    assert_eq!(
        error_texts_of_accept(
            "fn accept<T>(&self, rom: String, ws: &WebSocketConnection, login: Json<Login>, count: u64, key: &str, \
             user: impl User, db: State<Db>, more: Cookies, most: Headers) {}"
        ),
        [
            "`accept` must be async",
            "`accept` creates the session, so it cannot take `self`",
            "`T` cannot be inferred",
            "`accept` runs before the upgrade: there is no connection yet",
            "a session cannot read the body of the request",
            "an argument cannot be borrowed: the handler outlives the request",
            "an argument needs a type that can be extracted",
            "`accept` takes at most 7 arguments, not 8",
            "`rom` is not a parameter of the path",
            "`count` is not a parameter of the path, and a `u64` cannot be extracted"
        ]
    );
    assert_eq!(
        error_texts_of_accept(
            "async fn accept(_room: String) -> Self {} async fn accept(room: String) -> Self {}"
        ),
        ["the argument for `<room>` must be called `room`", "`accept` is defined twice"]
    );
}

#[test]
fn all_errors_of_the_methods_are_found() {
    assert_eq!(
        error_texts_of(
            "#[on(Say { text, to })] #[on(Leave)] fn say(self, txt: String, ws: &WebSocketConnection, extra: u8, _: u8) {} \
             #[on(Say { .. })] async fn again<T>() {} \
             #[on(Put(x, (y, [first, ..]), Some(last)))] async fn put(&mut self, x: impl X, y: u8, ws: WebSocketConnection) {} \
             #[on(Leave)] async fn leave(&mut self, ws: &mut WebSocketConnection) {}"
        ),
        [
            "`say` must be async",
            "`say` cannot consume the session: it takes `&mut self`",
            "a method handles one variant",
            "the connection must be the last argument",
            "`txt` is not in `#[on(Say { text, to })]`",
            "`extra` is not in `#[on(Say { text, to })]`",
            "an argument must have a name that the pattern binds",
            "the pattern binds `text`, but `say` has no such argument",
            "the pattern binds `to`, but `say` has no such argument",
            "`again` needs `&mut self`",
            "`T` cannot be inferred",
            "`Say` is handled twice",
            "an argument needs a concrete type",
            "methods of a session borrow the connection",
            "the pattern binds `first`, but `put` has no such argument",
            "the pattern binds `last`, but `put` has no such argument",
            "`Leave` is handled twice",
            "methods of a session borrow the connection"
        ]
    );
}

#[test]
fn all_errors_of_the_patterns_are_found() {
    assert_eq!(
        error_texts_of(
            "#[on] async fn a(&mut self) {} #[on()] async fn b(&mut self) {} #[on = \"Say\"] async fn c(&mut self) {} \
             #[on(\"Say\")] async fn d(&mut self) {} #[on(Ask::Say { text })] async fn e(&mut self) {} \
             #[on(Ask::Leave)] async fn f(&mut self) {} #[on(_)] async fn g(&mut self) {} \
             #[on(Say { .. } | Leave)] async fn h(&mut self) {} #[on(Say, Leave)] async fn i(&mut self) {} \
             #[on(Say { text } if text)] async fn j(&mut self) {} #[on(ask @ Leave)] async fn k(&mut self) {} \
             #[on(ref ask)] async fn l(&mut self) {} #[on(..)] async fn m(&mut self) {}"
        ),
        [
            "`#[on]` does not name a variant",
            "`#[on]` does not name a variant",
            "`#[on]` does not name a variant",
            "this is not a pattern for a variant",
            "the variant is written without the enum's name",
            "the variant is written without the enum's name",
            "a method handles one variant",
            "this is not a pattern for a variant",
            "this is not a pattern for a variant",
            "this is not a pattern for a variant",
            "this is not a pattern for a variant",
            "this is not a pattern for a variant"
        ]
    );
}

#[test]
fn all_errors_of_the_hooks_are_found() {
    assert_eq!(
        error_texts_of(
            "#[on(Leave)] async fn leave(&mut self) {} \
             fn on_open(self, more: u8, ws: WebSocketConnection) {} async fn on_open(&mut self) {} \
             fn on_close<T>(&mut self, ws: WebSocketConnection, why: CloseCause, more: u8) -> Result<()> {} \
             async fn on_close(self) {} async fn on_close() {} async fn on_opne(&mut self) {} async fn on_colse(self) {} \
             fn on_the_way(&self) {} async fn on_message(&mut self, message: Ask) {} #[on(Ask::Leave)] async fn on_leave(&mut self) {} \
             #[cfg(unix)] async fn on_error(&mut self) {} #[on(Say { .. })] async fn on_say(&mut self) {} fn only(&self) {}"
        ),
        [
            "the variant is written without the enum's name",
            "`on_open` must be async",
            "`on_open` cannot consume the session: it takes `&mut self`",
            "`on_open` takes nothing but the connection",
            "methods of a session borrow the connection",
            "`on_open` is defined twice",
            "`on_close` must be async",
            "`on_close` ends the session: it takes `self` by value",
            "`T` cannot be inferred",
            "`on_close` takes the cause and, optionally, the connection",
            "`on_close` takes the cause and, optionally, the connection",
            "`on_close` takes the cause and, optionally, the connection",
            "`on_close` returns nothing: the connection has ended",
            "`on_close` is defined twice",
            "`on_close` is defined twice",
            "`on_opne` is not a hook, so it is never called",
            "`on_colse` is not a hook, so it is never called",
            "`on_the_way` is not a hook, so it is never called",
            "`on_message` is not a hook, so it is never called",
            "`on_error` is not a hook, so it is never called"
        ]
    );
    assert_eq!(
        error_texts_of(
            "#[on(Leave)] async fn leave(&mut self) {} async fn on_open(ws: &WebSocketConnection) {} async fn on_close() {}"
        ),
        ["`on_open` needs `&mut self`", "`on_close` needs `self`"]
    );
}

#[test]
fn all_errors_of_the_other_hooks_are_found() {
    assert_eq!(
        error_texts_of(
            "#[on(Leave)] async fn leave(&mut self) {} \
             fn on_raw(self, text: String, more: u8, ws: WebSocketConnection) {} \
             async fn on_binary(&mut self, ws: &WebSocketConnection) {} async fn on_binary(&mut self, bytes: &[u8]) {} \
             async fn on_event(&mut self) {} #[cfg(unix)] async fn on_raw(&mut self) {}"
        ),
        [
            "`on_raw` must be async",
            "`on_raw` cannot consume the session: it takes `&mut self`",
            "`on_raw` takes the text and, optionally, the connection",
            "methods of a session borrow the connection",
            "`on_raw` borrows the text",
            "`on_binary` takes the bytes",
            "`on_binary` is defined twice",
            "`on_event` takes the event",
            "`on_raw` cannot have a `#[cfg(..)]`",
            "`on_event` never receives an event"
        ]
    );
    assert_eq!(
        error_texts_of(
            "#[on(Leave)] async fn leave(&mut self) {} async fn on_open(&mut self, events: Events<News>) {}"
        ),
        ["no hook handles these events"]
    );
    assert_eq!(
        error_texts_of(
            "#[on(Leave)] async fn leave(&mut self) {} #[on_event] async fn news(&mut self, news: News) {} \
             #[on_binary] async fn on_binary(&mut self, bytes: Vec<u8>) {}"
        ),
        ["a hook needs no attribute", "a hook needs no attribute"]
    );
    assert_eq!(
        error_texts_of("#[on(Leave)] async fn leave(&mut self, request: ReplyTo<Told>, own: ReplyTo) {}"),
        ["requests have no ids here, so they cannot be answered later"]
    );
}

#[test]
fn all_errors_of_clocks_are_found() {
    assert_eq!(
        error_texts_of(
            "#[on(Leave)] #[every(\"5s\")] async fn leave(&mut self) {} #[every] async fn a(&mut self) {} \
             #[every()] async fn b(&mut self) {} #[every = \"5s\"] async fn c(&mut self) {} #[every(5)] async fn d(&mut self) {} \
             #[every(\"5 bananas\")] async fn e(&mut self) {} #[every(\"s\")] async fn f(&mut self) {} \
             #[every(\"0s\")] async fn g(&mut self) {} #[every(\"99999999999999999h\")] async fn h(&mut self) {} \
             #[every(A, B)] async fn i(&mut self) {} #[every(\"5s\")] #[every(\"6s\")] fn j(self, x: u8, ws: WebSocketConnection) {} \
             #[every(\"5s\")] async fn on_open(&mut self) {} #[every(\"5s\")] #[cfg(unix)] async fn k(&mut self) {}"
        ),
        [
            "`#[every]` needs a period",
            "`#[every]` needs a period",
            "`#[every]` needs a period",
            "a period needs a unit",
            "`5 bananas` is not a valid period",
            "`s` is not a valid period",
            "the period of a clock cannot be zero",
            "`99999999999999999h` is not a valid period",
            "`#[every]` takes one period",
            "a method cannot have both `#[on(..)]` and `#[every(..)]`",
            "a method has at most one `#[every(..)]`",
            "`j` must be async",
            "`j` cannot consume the session: it takes `&mut self`",
            "a method with `#[every(..)]` takes nothing but the connection",
            "methods of a session borrow the connection",
            "`on_open` is a hook, and cannot be a clock too",
            "a clock cannot have a `#[cfg(..)]`"
        ]
    );
}

#[test]
fn a_method_without_body_leaves_the_block_as_it_is() {
    assert_eq!(
        error_texts_of("#[on(Leave)] async fn leave(&mut self);"),
        ["a method of a session needs a body"]
    );
}

#[test]
fn a_wildcard_has_one_method_and_the_connection_any_name() {
    let taken = "#[on(_)] async fn rest(&mut self, ws: &Ws) {} #[on(Say { text })] async fn say(&mut self, text: String, _: &a::Ws) {} \
                 async fn on_open(&mut self, ws: &Ws) {} async fn on_close(self, why: CloseCause, ws: &Ws) {}";
    assert_eq!(error_texts_of(taken), [""; 0]);
    assert_eq!(
        error_texts_of(
            "#[on(_)] async fn rest(&mut self, text: String) {} #[on(_)] async fn more(&mut self) {} \
             #[on(Say { text })] async fn say(&mut self, txt: &Text) {} async fn on_open(&mut self, text: &str) {}"
        ),
        [
            "`#[on(_)]` handles any variant: it has no fields",
            "`_` is handled twice",
            "`txt` is not in `#[on(Say { text })]`",
            "`on_open` takes nothing but the connection"
        ]
    );
}

#[test]
fn a_misspelt_attribute_is_one_error() {
    for (attribute, meant) in [
        ("On(Leave)", "on"),
        ("onn(Leave)", "on"),
        ("message(Leave)", "on"),
        ("on_message(Leave)", "on"),
        ("Every(\"5s\")", "every"),
        ("evry(\"5s\")", "every"),
    ] {
        let item = format!(
            "impl Chat {{ async fn accept() -> Self {{}} #[{attribute}] async fn leave(&mut self) {{}} }}"
        );
        let (_, errors) = expand(tokens(r#""/", message = Ask"#), tokens(&item));
        let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [format!("there is no such attribute\nhelp: write `#[{meant}(..)]`")],
            "{attribute}"
        );
    }
}

#[test]
fn a_period_depends_on_no_session() {
    let item = |period: &str| {
        format!(
            "impl Chat {{ async fn accept() -> Self {{}} #[on(A)] async fn a(&mut self) {{}} #[every({period})] async fn tick(&mut self) {{}} }}"
        )
    };
    for period in ["self.period", "Duration::from_secs(self.seconds)"] {
        assert_eq!(
            error_texts(r#""/", message = Ask"#, &item(period)),
            ["a period cannot depend on the session"],
            "{period}"
        );
    }
    assert_eq!(error_texts(r#""/", message = Ask"#, &item("self::PERIOD")), [""; 0]);
}
