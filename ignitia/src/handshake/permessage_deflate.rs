//! Offers of permessage-deflate: [RFC 7692, section
//! 7.1](https://www.rfc-editor.org/rfc/rfc7692#section-7.1).

use super::extensions::{Offer, Parameter};
use crate::compression::{Compression, DeflateOffer, NegotiatedCompression, PERMESSAGE_DEFLATE};

/// Accepts an offer; `None` if it is one of another extension, is malformed or asks for what is not
/// supported: it is declined, and the client's next one counts (section 5.1).
pub(super) fn accept(offer: &Offer<'_>, config: &Compression) -> Option<NegotiatedCompression> {
    NegotiatedCompression::accept(&parse(offer)?, config)
}

/// Reads an offer; `None` if it is not one of permessage-deflate or must be declined: for a
/// parameter that is unknown, that is given twice, or whose value is invalid.
fn parse(offer: &Offer<'_>) -> Option<DeflateOffer> {
    if offer.name != PERMESSAGE_DEFLATE {
        return None;
    }
    let mut parsed = DeflateOffer::default();
    for Parameter { name, value } in offer.parameters() {
        let value = value.as_deref();
        match name {
            "server_no_context_takeover" => set_flag(&mut parsed.server_no_context_takeover, value)?,
            "client_no_context_takeover" => set_flag(&mut parsed.client_no_context_takeover, value)?,
            "server_max_window_bits" => {
                set(&mut parsed.server_max_window_bits, window_bits(value?)?)?;
            }
            "client_max_window_bits" => {
                let bits = match value {
                    Some(value) => Some(window_bits(value)?),
                    None => None,
                };
                set(&mut parsed.client_max_window_bits, bits)?;
            }
            _ => return None,
        }
    }
    Some(parsed)
}

/// Sets a parameter without a value. Returns `None` if it has one, or is set already.
fn set_flag(flag: &mut bool, value: Option<&str>) -> Option<()> {
    (value.is_none() && !std::mem::replace(flag, true)).then_some(())
}

/// Sets a parameter. Returns `None` if it is set already.
fn set<T>(parameter: &mut Option<T>, value: T) -> Option<()> {
    parameter.replace(value).is_none().then_some(())
}

/// Parses the size of a window: a number from 8 to 15 without leading zeros.
fn window_bits(value: &str) -> Option<u8> {
    match value.as_bytes() {
        [digit @ b'8'..=b'9'] => Some(digit - b'0'),
        [b'1', digit @ b'0'..=b'5'] => Some(10 + digit - b'0'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header::SEC_WEBSOCKET_EXTENSIONS};

    use super::*;
    use crate::handshake::extensions::negotiate;

    /// Returns the answer to offers, one line each.
    fn answer(lines: &[&str], config: Compression) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(SEC_WEBSOCKET_EXTENSIONS, HeaderValue::from_str(line).expect("a header value"));
        }
        let negotiated = negotiate(&headers, |offer| accept(offer, &config));
        negotiated.expect("the offers are a list").map(|accepted| accepted.to_string())
    }

    fn shared(offer: &str) -> Option<String> {
        answer(&[offer], Compression::shared())
    }

    #[test]
    fn offers_of_real_clients() {
        let neither = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
        let with_12 = format!("{neither}; server_max_window_bits=12");
        for (offer, expected) in [
            ("permessage-deflate", neither),
            ("permessage-deflate; client_max_window_bits", neither),
            ("permessage-deflate; server_max_window_bits=12; client_max_window_bits=12", &with_12),
            ("permessage-deflate; server_no_context_takeover; client_no_context_takeover", neither),
        ] {
            assert_eq!(shared(offer).as_deref(), Some(expected), "{offer}");
        }
    }

    #[test]
    fn a_dedicated_window_is_as_small_as_both_sides_ask() {
        for (bits, offer, expected) in [
            (12, "", "; client_no_context_takeover"),
            (15, "", ""),
            (12, "; client_max_window_bits", "; client_max_window_bits=12"),
            (15, "; client_max_window_bits", "; client_max_window_bits=15"),
            (12, "; client_max_window_bits=10", "; client_max_window_bits=10"),
            (12, "; client_max_window_bits=8", "; client_max_window_bits=8"),
            (9, "; client_max_window_bits=15", "; client_max_window_bits=9"),
            (15, "; server_max_window_bits=15", "; server_max_window_bits=15"),
            (12, "; server_max_window_bits=10", "; client_no_context_takeover; server_max_window_bits=10"),
            (
                12,
                "; server_no_context_takeover; client_max_window_bits",
                "; server_no_context_takeover; client_max_window_bits=12",
            ),
            (15, "; client_no_context_takeover; client_max_window_bits", "; client_no_context_takeover"),
        ] {
            let offer = format!("permessage-deflate{offer}");
            let expected = format!("permessage-deflate{expected}");
            let config = Compression::dedicated().window_bits(bits);
            assert_eq!(answer(&[&offer], config), Some(expected), "{bits}: {offer}");
        }
    }

    #[test]
    fn an_offer_that_cannot_be_met_is_declined() {
        for wrong in [
            "permessage-deflate; server_max_window_bits=8",
            "permessage-deflate; server_max_window_bits=7",
            "permessage-deflate; server_max_window_bits=16",
            "permessage-deflate; server_max_window_bits=010",
            "permessage-deflate; server_max_window_bits=+9",
            "permessage-deflate; server_max_window_bits=1",
            "permessage-deflate; server_max_window_bits=100",
            "permessage-deflate; server_max_window_bits",
            "permessage-deflate; client_max_window_bits=7",
            "permessage-deflate; client_max_window_bits=99999999999999999999",
            "permessage-deflate; client_max_window_bits; client_max_window_bits=10",
            "permessage-deflate; server_max_window_bits=10; server_max_window_bits=10",
            "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
            "permessage-deflate; server_no_context_takeover=true",
            "permessage-deflate; client_no_context_takeover=1",
            "permessage-deflate; unknown",
            "permessage-deflate; Server_no_context_takeover",
            "x-webkit-deflate-frame",
            "permessage-bzip2",
        ] {
            for config in [Compression::shared(), Compression::dedicated()] {
                assert_eq!(answer(&[wrong], config), None, "{wrong}");
                let next = answer(&[&format!("{wrong}, permessage-deflate")], config);
                assert_eq!(next, answer(&["permessage-deflate"], config), "behind {wrong}");
                assert_eq!(next, answer(&[wrong, "permessage-deflate"], config), "in lines: {wrong}");
            }
        }
    }

    #[test]
    fn the_first_offer_that_can_be_met_counts() {
        let offers = "permessage-deflate; server_max_window_bits=10, permessage-deflate";
        assert!(shared(offers).expect("it is accepted").ends_with("server_max_window_bits=10"));
        let quoted = r#"permessage-deflate; server_max_window_bits="10""#;
        assert_eq!(shared(quoted), shared("permessage-deflate; server_max_window_bits=10"));
    }
}
