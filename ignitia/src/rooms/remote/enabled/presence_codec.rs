use bytes::Bytes;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::{
    connection::ConnectionId,
    error::{Error, Result},
    panics::catch,
    rooms::member_key::MemberKey,
};

/// Member here, encoded for the other nodes. In memory it is `None`.
#[derive(Default, Clone)]
pub(in crate::rooms) struct StoredPresence(pub(super) Option<Bytes>);

/// Functions that encode and decode the application's data about members. They are captured where
/// rooms are put on an engine, so that nothing else needs to know what `P` can do.
pub(in crate::rooms) struct PresenceCodec<P> {
    encode: fn(&P) -> serde_json::Result<Box<RawValue>>,
    decode: fn(&RawValue) -> serde_json::Result<P>,
}

/// Member in the form of the engine: JSON, to which later versions can add fields.
#[derive(Serialize, Deserialize)]
struct EncodedMember<'a> {
    #[serde(rename = "c")]
    connection: u64,
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(rename = "p", borrow)]
    presence: &'a RawValue,
}

/// Member that was decoded.
pub(super) struct DecodedMember<P> {
    pub(super) connection: ConnectionId,
    pub(super) key: Option<MemberKey>,
    pub(super) presence: P,
}

impl<P> PresenceCodec<P> {
    pub(in crate::rooms) fn new() -> Self
    where
        P: Serialize + DeserializeOwned,
    {
        Self {
            encode: |presence| serde_json::value::to_raw_value(presence),
            decode: |encoded| serde_json::from_str(encoded.get()),
        }
    }

    /// Encodes a member. It runs code of the user's.
    pub(super) fn encode(
        &self,
        connection: ConnectionId,
        key: Option<&MemberKey>,
        presence: &P,
    ) -> Result<StoredPresence> {
        let presence = (self.encode)(presence)?;
        let key = key.map(|key| key.as_str().to_owned());
        let member = EncodedMember { connection: connection.get(), key, presence: &presence };
        Ok(StoredPresence(Some(serde_json::to_vec(&member)?.into())))
    }

    /// Decodes a member. It runs code of the user's, whose panic is an error.
    pub(super) fn decode(&self, encoded: &[u8]) -> Result<DecodedMember<P>> {
        let EncodedMember { connection, key, presence } = serde_json::from_slice(encoded)?;
        let presence = catch(|| (self.decode)(presence)).map_err(Error::input)??;
        let connection = ConnectionId::of_other_process(connection);
        Ok(DecodedMember { connection, key: key.map(MemberKey::from), presence })
    }
}

impl<P> Clone for PresenceCodec<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for PresenceCodec<P> {}
