//! Emits the policy for messages.

use proc_macro2::TokenStream;
use quote::quote;

use super::option::option;
use crate::websocket::model::Policy;

/// Emits the runtime's `Policy`.
pub(super) fn policy(private: &TokenStream, policy: &Policy) -> TokenStream {
    let Policy { on_malformed, id, takes_binary } = policy;
    let id = option(id.as_ref());
    quote! {
        #private::Policy {
            on_malformed: #private::OnMalformed::#on_malformed, id: #id, takes_binary: #takes_binary
        }
    }
}
