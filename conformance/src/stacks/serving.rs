//! Code shared by the servers of both stacks: how the driver runs them, and the response to a client's request.

use super::{BoxError, Head, Part, Profile, Stack, drive::Spawner};
use crate::{
    peer::Transport,
    script::Request,
    vocabulary::{Phase, StackName},
};
use std::{
    fmt::{self, Write},
    future::{Future, pending},
};

/// The `date` of every response: a constant, so that the clock does not matter.
pub(super) const DATE: &str = "Thu, 01 Jan 1970 00:00:00 GMT";

/// A client's request, as the server's application received it.
pub(super) struct Asked<'r> {
    pub(super) method: &'r str,
    pub(super) target: &'r dyn fmt::Display,
    /// The number of field lines in the head, and their size in bytes.
    pub(super) fields: (usize, usize),
    /// The length of the content.
    pub(super) length: usize,
    /// The same for the trailers, if there are any.
    pub(super) trailers: Option<(usize, usize)>,
}

/// The content of the response: a summary of the request, so that servers that read it differently answer differently.
pub(super) fn answer(asked: &Asked<'_>) -> String {
    let Asked { method, target, fields: (fields, bytes), length, trailers } = asked;
    let mut answer = format!("{method} {target} fields={fields}/{bytes} content={length}");
    if let Some((fields, bytes)) = trailers {
        // Writing to a string does not fail.
        let _ = write!(answer, " trailers={fields}/{bytes}");
    }
    answer
}

/// A server stack, as the driver needs it.
pub trait Server: 'static {
    /// Which stack this is.
    const NAME: StackName;

    /// Serves one connection over `transport` to its end. The stack's background tasks go to `spawner`.
    fn serve(
        transport: Transport,
        profile: Profile,
        spawner: Spawner,
    ) -> impl Future<Output = Result<(), BoxError>> + Send + 'static;
}

/// The driver takes a server for a stack whose connection is made when it has ended, and that sends no requests.
impl<S: Server> Stack for S {
    type Client = ();
    type Body = ();

    const NAME: StackName = S::NAME;
    const IS_SERVER: bool = true;

    fn connect(
        transport: Transport,
        profile: Profile,
        spawner: Spawner,
    ) -> impl Future<Output = Result<(), BoxError>> + Send + 'static {
        S::serve(transport, profile, spawner)
    }

    async fn send((): (), _: usize, _: Request) -> Result<(Head, ()), (Phase, BoxError)> {
        pending().await
    }

    async fn next_part((): &mut ()) -> Option<Result<Part, BoxError>> {
        None
    }
}
