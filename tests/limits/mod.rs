//! What operators limit: `Limits` for all connections together, rates for each.

mod places;
mod rates;
