/// Whether the peer has turned this request away before it did anything with it.
fn is_turned_away(error: &(dyn std::error::Error + 'static)) -> bool {
    let turns_away = |error: &h2::Error| {
        error.is_remote() && (error.is_go_away() || error.reason() == Some(h2::Reason::REFUSED_STREAM))
    };
    error.downcast_ref().is_some_and(turns_away) || error.source().is_some_and(is_turned_away)
}
