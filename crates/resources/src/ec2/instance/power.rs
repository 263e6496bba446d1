//! Changes that AWS takes of a stopped instance only, and whether it runs.

use aws_sdk_ec2::primitives::Blob;
use aws_sdk_ec2::types::{AttributeValue, Instance as SdkInstance, SecureBlobAttributeValue, Tag};

use super::Instance;
use super::update::MODIFY;
use crate::aws::answer::advise;
use crate::ec2::shared::{attribute, filter};
use crate::prelude::*;

/// Properties that can be changed while it is stopped ("Modify a stopped instance" in
/// ModifyInstanceAttribute, EC2 API reference).
const WHILE_STOPPED: [&str; 3] = ["instance_type", "ebs_optimized", "user_data"];

/// What comes next before the rest of an update.
pub(super) enum Power {
    /// It is in the state that the changes need.
    Right,
    /// It is on its way to that state.
    OnTheWay,
}

/// The tag of an instance that is down for a change: it says that it is to be started again, also
/// to a later run. What somebody else stopped has none, and stays down.
pub(super) const DOWN: &str = "ferrocrete:down-for-a-change";

/// Stops the instance where the changes need that.
pub(super) async fn prepare(aws: &Aws, id: &str, changes: &Changes) -> Result<Power> {
    if !changes.any(&WHILE_STOPPED) {
        return Ok(Power::Right);
    }
    match look(aws, id).await?.state.as_str() {
        "stopped" => Ok(Power::Right),
        "running" => {
            mark(aws, id).await?;
            stop(aws, id).await.map(|()| Power::OnTheWay)
        }
        // One that has never run cannot be stopped yet.
        _ => Ok(Power::OnTheWay),
    }
}

/// Sends what needs a stopped instance. Where AWS refuses it, the instance runs again before that
/// is told: a type that does not fit its image or network is no reason to stay down.
pub(super) async fn modify(new: &Instance, aws: &Aws, id: &str, changes: &Changes) -> Result<()> {
    let done = send(new, aws, id, changes).await;
    if done.is_err() && look(aws, id).await.is_ok_and(|now| now.is_ours()) {
        // What was refused is the news, not this.
        let _ = start(aws, id).await;
    }
    done
}

async fn send(new: &Instance, aws: &Aws, id: &str, changes: &Changes) -> Result<()> {
    // Each call sets one attribute.
    let modify = || aws.ec2().modify_instance_attribute().instance_id(id);
    if changes.has("instance_type") {
        let value = AttributeValue::builder().value(&new.instance_type).build();
        modify().instance_type(value).send().await.op(MODIFY)?;
    }
    if let (true, Some(on)) = (changes.has("ebs_optimized"), new.ebs_optimized) {
        modify().ebs_optimized(attribute(on)).send().await.op(MODIFY)?;
    }
    if changes.has("user_data") {
        // Nothing is an empty text.
        let text = new.user_data.as_deref().unwrap_or_default();
        let value = SecureBlobAttributeValue::builder().value(Blob::new(text)).build();
        modify().user_data(value).send().await.op(MODIFY)?;
    }
    Ok(())
}

/// Starts or stops it, as it is to be. It may have been stopped by [`prepare`], in this run or in
/// one that was killed.
pub(super) async fn switch(
    new: &Instance,
    aws: &Aws,
    id: &str,
    changes: &Changes,
) -> Result<Progress> {
    if !changes.any(&["running", "down_for_a_change"]) && !changes.any(&WHILE_STOPPED) {
        return Ok(Progress::Done);
    }
    let now = look(aws, id).await?;
    let again = now.is_ours().then_some(true);
    let Some(to_run) = new.running.or(again) else { return Ok(Progress::Done) };
    let progress = match (to_run, now.state.as_str()) {
        (true, "stopped") => start(aws, id).await.map(|()| Progress::Pending)?,
        (false, "running") => stop(aws, id).await.map(|()| Progress::Pending)?,
        // It cannot turn back before it is there.
        (true, "stopping") | (false, "pending") => return Ok(Progress::Partial),
        _ => Progress::Pending,
    };
    if now.marked {
        let tag = Tag::builder().key(DOWN).build();
        let call = aws.ec2().delete_tags().resources(id).tags(tag);
        call.send().await.op("ec2:DeleteTags")?;
    }
    Ok(progress)
}

struct Now {
    state: String,
    marked: bool,
}

impl Now {
    /// Whether it is down for a change of ours.
    fn is_ours(&self) -> bool {
        self.marked && matches!(self.state.as_str(), "stopping" | "stopped")
    }
}

/// Whether this instance is to be started again after a change.
pub(super) fn is_marked(instance: &SdkInstance) -> bool {
    instance.tags().iter().any(|tag| tag.key() == Some(DOWN))
}

async fn look(aws: &Aws, id: &str) -> Result<Now> {
    const CALL: &str = "ec2:DescribeInstances";
    let call = aws.ec2().describe_instances().filters(filter("instance-id", [id]));
    let answer = call.send().await.op(CALL)?;
    let mut all = answer.reservations().iter().flat_map(|r| r.instances());
    let instance = need(all.next(), CALL, "instance")?;
    let name = instance.state().and_then(|state| state.name());
    let state = need(name, CALL, "state")?.as_str().to_owned();
    Ok(Now { state, marked: is_marked(instance) })
}

async fn mark(aws: &Aws, id: &str) -> Result<()> {
    let tag = Tag::builder().key(DOWN).value("true").build();
    let call = aws.ec2().create_tags().resources(id).tags(tag);
    call.send().await.op("ec2:CreateTags").map(drop)
}

async fn start(aws: &Aws, id: &str) -> Result<()> {
    let call = aws.ec2().start_instances().instance_ids(id);
    call.send().await.op("ec2:StartInstances").map(drop)
}

async fn stop(aws: &Aws, id: &str) -> Result<()> {
    let call = aws.ec2().stop_instances().instance_ids(id);
    match call.send().await.op("ec2:StopInstances") {
        // An instance whose root volume is an instance store, or a Spot Instance.
        Err(error) if error.has_code("UnsupportedOperation") => Err(advise(
            error,
            "it cannot be stopped, so let such a change replace it: name the property in the \
             option `replace_on_changes`",
        )),
        other => other.map(drop),
    }
}
