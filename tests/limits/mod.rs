//! What operators limit: `Limits` for all connections together, rates for each.

mod peers;
mod places;
mod rates;
