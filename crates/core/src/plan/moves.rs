//! Renames: what state has under an alias of what the program declares.

use crate::graph::Graph;
use crate::state::State;

use super::PlanError;
use super::step::Move;

/// Which records get another urn before anything is planned.
///
/// # Errors
/// [`PlanError::SeveralPlaces`] when state has a resource under several of its names.
pub(crate) fn moves(graph: &Graph, state: &State) -> Result<Vec<Move>, PlanError> {
    let mut moves = Vec::new();
    for decl in graph.resources() {
        let mut there = decl.aliases.iter().filter(|alias| state.current(alias).is_some());
        let Some(from) = there.next() else { continue };
        let own = state.knows(&decl.urn).then_some(&decl.urn);
        if let Some(second) = own.or(there.next()) {
            let places = [from.clone(), second.clone()];
            return Err(PlanError::SeveralPlaces { urn: decl.urn.clone(), places });
        }
        moves.push(Move { from: from.clone(), to: decl.urn.clone() });
    }
    Ok(moves)
}
