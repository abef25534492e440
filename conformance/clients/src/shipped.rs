//! A client as it is shipped, without anything around it: a function from a request to its response.

use conformance::{
    client_driver::{Client, ClientInstance, Endpoint, Reach, Retries},
    report::locked,
    stacks::BoxError,
    vocabulary::StackName,
};

/// A client as it is shipped.
#[derive(Clone, Copy, Debug)]
pub struct Shipped {
    /// Its name, for reports.
    pub name: &'static str,
    /// What it is, in one sentence.
    pub about: &'static str,
    /// Its crate, and the beginning of its version.
    pub package: (&'static str, &'static str),
    /// The stack that it stands on.
    pub stack: StackName,
    /// What its documentation promises.
    pub promise: Retries,
    /// How it reaches its peer.
    pub reach: Reach,
    /// Whether it speaks gRPC.
    pub speaks_grpc: bool,
    /// Whether its requests can have trailers.
    pub sends_trailers: bool,
    /// Makes a client without connections.
    pub instance: fn(&Endpoint) -> Result<Box<dyn ClientInstance>, BoxError>,
}

impl Client for Shipped {
    fn name(&self) -> &str {
        self.name
    }

    fn about(&self) -> &str {
        self.about
    }

    fn version(&self) -> String {
        let (name, begins) = self.package;
        let locked = locked().into_iter().find(|locked| locked.name == name && locked.version.starts_with(begins));
        format!("{name} {}", locked.map_or_else(|| "of unknown version".into(), |locked| locked.with_source()))
    }

    fn stack(&self) -> Option<StackName> {
        Some(self.stack)
    }

    fn promise(&self) -> Retries {
        self.promise
    }

    fn reach(&self) -> Reach {
        self.reach
    }

    fn speaks_grpc(&self) -> bool {
        self.speaks_grpc
    }

    fn sends_trailers(&self) -> bool {
        self.sends_trailers
    }

    fn instance(&self, endpoint: &Endpoint) -> Result<Box<dyn ClientInstance>, BoxError> {
        (self.instance)(endpoint)
    }
}
