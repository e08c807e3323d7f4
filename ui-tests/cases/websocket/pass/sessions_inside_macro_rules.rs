//! Sessions, `on_message` functions and enums that another macro writes.

#![deny(warnings)]

use ignitia::prelude::*;

macro_rules! messages {
    ($client:ident { $($asked:ident { $($asked_field:ident: $asked_type:ty),* })* }
     $server:ident { $($told:ident { $($told_field:ident: $told_type:ty),* })* }) => {
        #[derive(serde::Deserialize, ClientMessage)]
        #[serde(tag = "type")]
        enum $client { $($asked { $($asked_field: $asked_type),* }),* }

        #[derive(serde::Serialize, ServerMessage)]
        #[serde(tag = "type")]
        enum $server { $($told { $($told_field: $told_type),* }),* }
    };
}

messages! {
    Ask { Say { text: String, to: u64 } Leave {} }
    Told { Said { text: String } }
}

macro_rules! echoes {
    ($($name:ident($($argument:ident: $ty:ty),*) at $path:literal for $message:ty => $reply:ty: $answer:expr;)*) => {
        $(
            #[websocket($path, on_message, id = "id")]
            async fn $name($($argument: $ty,)* msg: $message) -> $reply {
                let _ = msg;
                $(println!("{}", $argument);)*
                $answer
            }
        )*
    };
}

echoes! {
    quiet() at "/quiet" for Ask => (): ();
    loud(room: String, times: u8) at "/loud/<room>/<times>" for Ask => Option<Told>: None;
}

macro_rules! session {
    ($name:ident at $path:literal($($parameter:ident: $ty:ty),*) $message:ty => $reply:ty {
        $($variant:ident { $($field:ident: $field_type:ty),* } => $method:ident $answer:expr;)*
    }) => {
        struct $name {}

        #[websocket($path, message = $message, reply = $reply)]
        impl $name {
            async fn accept($($parameter: $ty),*) -> Self {
                $(println!("{}", $parameter);)*
                Self {}
            }

            $(
                #[on($variant { $($field),* })]
                async fn $method(&mut self, $($field: $field_type),*) -> Option<$reply> {
                    $(println!("{}", $field);)*
                    $answer
                }
            )*
        }
    };
}

session! {
    Chat at "/chat/<room>"(room: String) Ask => Told {
        Say { text: String, to: u64 } => say Some(Told::Said { text: String::new() });
        Leave {} => leave None;
    }
}

macro_rules! by_pattern {
    ($name:ident, $message:path, $pattern:pat, $text:ident) => {
        struct $name;

        #[websocket("/by-pattern", message = $message)]
        impl $name {
            async fn accept() -> Self {
                Self
            }

            #[on($pattern)]
            async fn only(&mut self, $text: String) {
                println!("{}", $text);
            }
        }
    };
}

#[derive(serde::Deserialize, ClientMessage)]
enum One {
    Only { text: String },
}

by_pattern!(ByPattern, One, Only { text }, text);

macro_rules! fixed {
    () => {
        #[derive(serde::Deserialize, ClientMessage)]
        #[serde(tag = "type")]
        enum Fixed {
            Go { to: u8 },
            Stop,
        }

        #[websocket("/fixed/<id>", on_message)]
        async fn fixed(id: u64, ws: WebSocketConnection, msg: Fixed) -> Result<()> {
            match msg {
                Fixed::Go { to } => ws.send_text(format!("{id} {to}")).await,
                Fixed::Stop => ws.close(None).await,
            }
        }

        struct Wheel {
            at: u64,
        }

        #[websocket("/wheel/<at>", message = Fixed)]
        impl Wheel {
            async fn accept(at: u64) -> Self {
                Self { at }
            }

            #[on(Go { to })]
            async fn go(&mut self, to: u8, ws: &WebSocketConnection) -> Result<()> {
                self.at = to.into();
                ws.send_text(self.at.to_string()).await
            }

            #[on(Stop)]
            async fn stop(&mut self) {}

            async fn on_close(self) {}
        }
    };
}

fixed!();

macro_rules! whole {
    ($item:item) => {
        #[websocket("/whole", message = One)]
        $item
    };
}

struct Whole;

whole! {
    impl Whole {
        async fn accept() -> Self {
            Self
        }

        #[on(Only { text })]
        async fn only(&mut self, text: String) {
            println!("{text}");
        }
    }
}

fn main() {
    let router = Router::new()
        .mount(quiet)
        .mount(loud)
        .mount(fixed)
        .mount_session::<Chat>()
        .mount_session::<Wheel>()
        .mount_session::<ByPattern>()
        .mount_session::<Whole>();
    assert!(router.into_axum().is_ok());
    assert_eq!(Chat::uri("a"), "/chat/a");
}
