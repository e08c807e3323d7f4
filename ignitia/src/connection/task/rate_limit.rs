use crate::{
    connection::config::{RateExceeded, WebSocketConfig},
    limits::TokenBucket,
    message::Message,
    protocol::ProtocolViolation,
    time::Instant,
};

/// Rate limit of one connection: messages and bytes that its peer may still send.
#[derive(Debug)]
pub(super) struct InboundRateLimit {
    messages: Option<TokenBucket>,
    bytes: Option<TokenBucket>,
    exceeded: RateExceeded,
    code: u16,
    paused_until: Option<Instant>,
}

impl InboundRateLimit {
    /// Returns `None` if the route limits neither messages nor bytes.
    pub(super) fn new(config: &WebSocketConfig, now: Instant) -> Option<Box<Self>> {
        if config.message_rate.is_none() && config.byte_rate.is_none() {
            return None;
        }
        let bucket = |rate| TokenBucket::full(rate, now);
        let (messages, bytes) = (config.message_rate.map(bucket), config.byte_rate.map(bucket));
        Some(Box::new(Self {
            messages,
            bytes,
            exceeded: config.on_rate_exceeded,
            code: config.close_codes.rate_exceeded,
            paused_until: None,
        }))
    }

    /// Charges a message that has come in.
    pub(super) fn charge(&mut self, received: &Message, now: Instant) -> Result<(), ProtocolViolation> {
        if !received.is_data() {
            return Ok(());
        }
        let overdraw = |bucket: &mut Option<TokenBucket>, amount| bucket.as_mut()?.overdraw(amount, now);
        let paused_until =
            overdraw(&mut self.messages, 1).max(overdraw(&mut self.bytes, received.payload_len()));
        if paused_until.is_some() && self.exceeded == RateExceeded::Close {
            return Err(ProtocolViolation {
                code: self.code,
                reason: "too many messages in too short a time",
            });
        }
        self.paused_until = paused_until;
        Ok(())
    }

    /// Returns the end of the pause in which nothing is read, if one is on.
    pub(super) fn pause(&self, now: Instant) -> Option<Instant> {
        self.paused_until.filter(|paused_until| now < *paused_until)
    }
}
