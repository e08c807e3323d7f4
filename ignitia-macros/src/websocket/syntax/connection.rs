//! Recognizes the connection among the arguments.

use syn::{Pat, PatType, PathArguments, Type};

use super::{
    arguments::is_parameter,
    types::{BODY_EXTRACTORS, HEAD_EXTRACTORS, PARAMETER_TYPES, is_named, is_reply_to},
};

/// Types that are certainly not the connection, by their names.
const OTHER_TYPES: &[&str] = &["CloseCause", "CloseFrame", "Events", "Message", "Self", "Vec", "str"];

/// Usual aliases of the connection's type.
const USUAL_ALIASES: &[&str] = &["WS", "Ws", "WebSocket", "WsConn", "WsConnection"];

/// Returns true for the connection or a reference to it.
pub(in crate::websocket) fn is_connection(ty: &Type) -> bool {
    let owned = match ty {
        Type::Reference(reference) => &*reference.elem,
        owned => owned,
    };
    is_named(owned, &["WebSocketConnection", "TypedConnection"])
}

/// Returns true if the argument before the message of an `on_message` function is the connection
/// under another name, and none of the path's `parameters`. An extractor may stand there too, so
/// only usual aliases count.
pub(in crate::websocket) fn is_usual_alias(argument: &PatType, parameters: &[&str]) -> bool {
    may_be_alias(argument, &argument.ty)
        && is_named(&argument.ty, USUAL_ALIASES)
        && !is_parameter(argument, parameters)
}

/// Returns true if the type may be an alias of the connection.
pub(in crate::websocket) fn may_be_alias(argument: &PatType, ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    path.qself.is_none()
        && path.path.segments.iter().all(|segment| matches!(segment.arguments, PathArguments::None))
        && matches!(&*argument.pat, Pat::Ident(_) | Pat::Wild(_))
        && !is_connection(ty)
        && !is_reply_to(ty)
        && [HEAD_EXTRACTORS, BODY_EXTRACTORS, PARAMETER_TYPES, OTHER_TYPES]
            .iter()
            .all(|names| !is_named(ty, names))
}
