//! How the driver runs the servers of both stacks.

use super::{BoxError, Head, IssuedRequest, Part, Profile, Stack, Unanswered, drive::Spawner};
use crate::{peer::Transport, vocabulary::StackName};
use std::future::{Future, pending};

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

    async fn send((): (), _: IssuedRequest) -> Result<(Head, ()), Unanswered> {
        pending().await
    }

    async fn next_part((): &mut ()) -> Option<Result<Part, BoxError>> {
        None
    }
}
