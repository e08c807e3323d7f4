//! Endpoints of a router, for its contract. Without the feature `contract` there is no list.

#[cfg(not(feature = "contract"))]
mod disabled;
#[cfg(feature = "contract")]
mod enabled;

#[cfg(not(feature = "contract"))]
pub(super) use self::disabled::EndpointList;
#[cfg(feature = "contract")]
pub(super) use self::enabled::EndpointList;
