//! Replacements that an earlier run began and did not bring to their end.

use super::*;

impl Planner<'_> {
    /// What a replacement that did not come to its end was to replace is planned as if that had
    /// never begun. Where that does not come to a replacement again, it stays.
    pub(super) fn not_replaced_after_all(
        &mut self,
        decl: &ResourceDecl,
        schema: &'static Schema,
    ) -> Result<bool, PlanError> {
        let Some(old) = self.state.in_use(&decl.urn) else { return Ok(false) };
        let live = self.observed.live(&old.key());
        if matches!(live, LiveRead::Missing | LiveRead::Going) {
            return Ok(false);
        }
        let (steps, protected) = (self.steps.len(), self.protected.len());
        let findings = self.findings.len();
        self.existing(decl, schema, old, live)?;
        if self.steps[steps..].iter().any(|step| step.action == Action::Replace) {
            self.steps.truncate(steps);
            self.protected.truncate(protected);
            self.findings.truncate(findings);
            return Ok(false);
        }
        self.kept.insert(old.key());
        Ok(true)
    }
}
