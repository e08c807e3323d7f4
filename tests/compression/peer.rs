//! A client with compression: the second implementation, on miniz_oxide.

use ignitia::IntoRouter;
use miniz_oxide::{
    DataFormat, MZError, MZFlush, MZStatus,
    deflate::{core::CompressorOxide, stream::deflate},
    inflate::stream::{InflateState, inflate},
};

use crate::support::{BINARY, COMPRESSED, End, Frame, RawSocket, Request, Running, TEXT, Transport, frame};

/// Offer of browsers.
pub(super) const OFFER: &str = "permessage-deflate; client_max_window_bits";

/// Tail of a message, which does not go over the wire.
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

/// A client that has agreed on compression.
pub(super) struct Peer {
    pub(super) socket: RawSocket,
    /// Value of the answer's header.
    pub(super) parameters: String,
    pub(super) inflater: PeerInflater,
    pub(super) deflater: PeerDeflater,
}

/// A message of the server.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Received {
    pub(super) opcode: u8,
    /// Bytes of payload on the wire, if it was compressed.
    pub(super) compressed: Option<Vec<u8>>,
    pub(super) payload: Vec<u8>,
}

impl Received {
    /// Returns the text.
    pub(super) fn text(&self) -> &str {
        assert_eq!(self.opcode, TEXT);
        std::str::from_utf8(&self.payload).unwrap()
    }
}

impl Peer {
    /// Opens a WebSocket with an offer that the server accepts.
    pub(super) async fn open(server: &Running, path: &str, offer: &str) -> Self {
        Self::on(server.connect().await, path, offer).await
    }

    /// Does as [`open`](Self::open), on a connection.
    pub(super) async fn on(mut socket: RawSocket, path: &str, offer: &str) -> Self {
        let head = socket.ask(&offering(path, &[offer])).await;
        assert_eq!(head.status, 101, "{head:?}");
        let parameters = head.get("sec-websocket-extensions").expect("it is accepted").to_owned();
        assert!(parameters.starts_with("permessage-deflate"), "{parameters}");
        let has = |name: &str| parameters.split("; ").any(|parameter| parameter == name);
        let inflater = PeerInflater::new(!has("server_no_context_takeover"));
        let deflater = PeerDeflater::new(!has("client_no_context_takeover"));
        Self { socket, parameters, inflater, deflater }
    }

    /// Sends a message compressed, in one frame.
    pub(super) async fn send(&mut self, opcode: u8, payload: &[u8]) {
        let compressed = self.deflater.compress(payload);
        self.socket.send(&frame(0x80 | COMPRESSED | opcode, &compressed)).await;
    }

    /// Sends a text compressed, in one frame.
    pub(super) async fn send_text(&mut self, text: &str) {
        self.send(TEXT, text.as_bytes()).await;
    }

    /// Reads the next message.
    pub(super) async fn message(&mut self) -> Received {
        let frame = self.socket.any_frame().await;
        self.read(frame)
    }

    /// Reads a frame, which is a whole message.
    pub(super) fn read(&mut self, frame: Frame) -> Received {
        let Frame { fin, is_compressed, opcode, payload } = frame;
        assert!(fin && matches!(opcode, TEXT | BINARY), "fin: {fin}, opcode: {opcode}");
        let (compressed, payload) = if is_compressed {
            (Some(payload.clone()), self.inflater.inflate(&payload))
        } else {
            (None, payload)
        };
        Received { opcode, compressed, payload }
    }

    /// Expects a text next, compressed or not; returns true if it was.
    pub(super) async fn expect_text(&mut self, text: &str) -> bool {
        let received = self.message().await;
        assert!(received.text() == text, "{:.100} instead of {text:.100}", received.text());
        received.compressed.is_some()
    }

    /// Expects a message next, compressed or not; returns true if it was.
    pub(super) async fn expect(&mut self, opcode: u8, payload: &[u8]) -> bool {
        let received = self.message().await;
        assert_eq!((received.opcode, received.payload.len()), (opcode, payload.len()));
        assert!(received.payload == payload, "it is another message of the same length");
        received.compressed.is_some()
    }

    /// Expects the close frame of a violation, and the end.
    pub(super) async fn expect_violation(mut self, code: u16) -> String {
        let reason = self.socket.expect_close(code).await;
        assert_eq!(self.socket.end().await, End::Eof);
        reason
    }
}

/// Returns a handshake with offers, a line each.
pub(super) fn offering(path: &str, offers: &[&str]) -> Request {
    Request::upgrade(path).set("Sec-WebSocket-Extensions", offers)
}

/// Serves routes by our own server, plain.
pub(super) async fn serve(router: impl IntoRouter) -> Running {
    Transport::Plain.serve(router).await
}

/// Decompressor of a client.
pub(super) struct PeerInflater {
    state: Box<InflateState>,
    keeps_context: bool,
}

impl PeerInflater {
    pub(super) fn new(keeps_context: bool) -> Self {
        Self { state: InflateState::new_boxed(DataFormat::Raw), keeps_context }
    }

    /// Decompresses a whole message.
    pub(super) fn inflate(&mut self, message: &[u8]) -> Vec<u8> {
        if !self.keeps_context {
            self.state.reset(DataFormat::Raw);
        }
        let whole = [message, &TAIL].concat();
        let (mut input, mut output, mut text) = (&whole[..], vec![0; 64 << 10], Vec::new());
        loop {
            let step = inflate(&mut self.state, input, &mut output, MZFlush::Sync);
            input = &input[step.bytes_consumed..];
            text.extend_from_slice(&output[..step.bytes_written]);
            match step.status {
                // There is no progress only if the output was full and nothing is left.
                Ok(MZStatus::Ok) | Err(MZError::Buf)
                    if input.is_empty() && step.bytes_written < output.len() =>
                {
                    return text;
                }
                Ok(MZStatus::Ok) => {}
                status => panic!("{status:?} after {} bytes", text.len()),
            }
        }
    }
}

/// Compressor of a client.
pub(super) struct PeerDeflater {
    state: Box<CompressorOxide>,
    keeps_context: bool,
}

impl PeerDeflater {
    pub(super) fn new(keeps_context: bool) -> Self {
        let mut state = Box::<CompressorOxide>::default();
        state.set_format_and_level(DataFormat::Raw, 6);
        Self { state, keeps_context }
    }

    /// Compresses a whole message.
    pub(super) fn compress(&mut self, message: &[u8]) -> Vec<u8> {
        if !self.keeps_context {
            self.state.reset();
        }
        let (mut input, mut output, mut compressed) = (message, vec![0; 64 << 10], Vec::new());
        loop {
            let step = deflate(&mut self.state, input, &mut output, MZFlush::Sync);
            step.status.unwrap();
            input = &input[step.bytes_consumed..];
            compressed.extend_from_slice(&output[..step.bytes_written]);
            if input.is_empty() && step.bytes_written < output.len() {
                break;
            }
        }
        compressed.strip_suffix(&TAIL).expect("it was flushed").to_vec()
    }
}

/// Compresses one message by itself.
pub(super) fn compress(message: &[u8]) -> Vec<u8> {
    PeerDeflater::new(false).compress(message)
}
