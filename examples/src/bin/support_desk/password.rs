//! Hashes of passwords, and tokens.

use std::{fmt::Write as _, num::NonZeroU32};

use ring::{
    digest::{SHA256, digest},
    error::Unspecified,
    pbkdf2,
    rand::{SystemRandom, generate},
};
use tokio::{sync::Semaphore, task};

/// Rounds of PBKDF2 with SHA-256.
const ROUNDS: NonZeroU32 = NonZeroU32::new(600_000).expect("not zero");

/// Number of passwords that are hashed at once: each takes a core.
static HASHING: Semaphore = Semaphore::const_new(2);

/// Returns a salt and a hash, for the database.
pub(crate) async fn hash(password: String) -> Result<String, Unspecified> {
    let salt = hex(&generate::<[u8; 16]>(&SystemRandom::new())?.expose());
    with_core(move || {
        let mut hash = [0; 32];
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ROUNDS, salt.as_bytes(), password.as_bytes(), &mut hash);
        format!("{salt}:{}", hex(&hash))
    })
    .await
}

/// Returns true if a password is that of a stored hash. Without one it takes as long, and is false:
/// the time does not tell which accounts there are.
pub(crate) async fn is_right(password: String, stored: Option<String>) -> Result<bool, Unspecified> {
    with_core(move || {
        let stored = stored.unwrap_or_default();
        let (salt, hash) = stored.split_once(':').unwrap_or_default();
        let hash = unhex(hash).unwrap_or([0; 32]);
        let algorithm = pbkdf2::PBKDF2_HMAC_SHA256;
        pbkdf2::verify(algorithm, ROUNDS, salt.as_bytes(), password.as_bytes(), &hash).is_ok()
    })
    .await
}

/// Returns a new token for a cookie.
pub(crate) fn token() -> Result<String, Unspecified> {
    Ok(hex(&generate::<[u8; 32]>(&SystemRandom::new())?.expose()))
}

/// Returns the hash by which a token is stored. A token is random, so one round is enough.
pub(crate) fn token_hash(token: &str) -> Vec<u8> {
    digest(&SHA256, token.as_bytes()).as_ref().to_vec()
}

/// Runs long work on a thread for that.
async fn with_core<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Unspecified> {
    let _permit = HASHING.acquire().await.map_err(|_| Unspecified)?;
    task::spawn_blocking(work).await.map_err(|_| Unspecified)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // a String takes everything
        text
    })
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 2 * bytes.len() {
        return None;
    }
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(bytes)
}
