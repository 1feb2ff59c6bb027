//! The methods of the gRPC service `vector.Vector`.

/// Where a `vector` source takes events.
pub const PUSH_EVENTS: &str = "/vector.Vector/PushEvents";

/// Where it tells whether it takes them.
pub const HEALTH_CHECK: &str = "/vector.Vector/HealthCheck";
