//! The simulated cloud: what exists, what is visible of it, and which promises were broken.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ferrocrete_core::Urn;
use ferrocrete_core::error::{ErrorKind, OpError};
use ferrocrete_core::resource::{Connector, Cx, Namespace, ProviderConfig, Tags};
use ferrocrete_core::state::{Completeness, IntentAction, StateStore};
use tokio::time::Instant;

use crate::history::Sabotage;
use crate::process::Process;
use crate::spec::{Kind, Program, index};
use crate::weather::{Fate, Sky};

pub const PROJECT: &str = "sim";
pub const STACK: &str = "seed";

/// Properties as the cloud keeps them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Props {
    pub name: String,
    pub size: i64,
    pub zone: String,
    pub room: i64,
    pub secret: Option<String>,
    pub refs: BTreeSet<String>,
    pub fixed_refs: BTreeSet<String>,
    pub echo: Option<String>,
    pub sign: Option<String>,
    pub note: Option<String>,
    pub quote: Option<String>,
    pub stand: Option<String>,
    pub owner: Option<String>,
    pub seat: Option<i64>,
    pub tags: Tags,
}

/// One thing in the cloud.
#[derive(Clone, Debug)]
pub struct Item {
    pub kind: Kind,
    /// Whose it is; known to the judge only, not to the cloud.
    pub urn: Urn,
    pub generation: u64,
    pub token: String,
    pub props: Props,
    /// Whether somebody is there, whom nobody declares.
    pub guest: bool,
    /// What readers see until the change has got round.
    before: Option<(Props, Instant)>,
    visible_at: Instant,
    pub ready_at: Instant,
    pub gone_at: Option<Instant>,
}

impl Item {
    pub fn is_live(&self) -> bool {
        self.gone_at.is_none()
    }

    fn uses(&self) -> impl Iterator<Item = &String> {
        self.props.refs.iter().chain(self.holds())
    }

    fn holds(&self) -> impl Iterator<Item = &String> {
        self.props.fixed_refs.iter().chain(&self.props.owner)
    }

    /// As a reader sees it now.
    fn shown(&self, now: Instant) -> Option<Item> {
        let there = self.visible_at <= now && self.gone_at.is_none_or(|t| t > now);
        let mut item = there.then(|| self.clone())?;
        if let Some((old, until)) = &self.before
            && *until > now
        {
            item.props = old.clone();
        }
        Some(item)
    }
}

/// What the judge knows of the run under way.
#[derive(Clone, Default)]
pub struct Intended {
    /// What it declares; nothing for a `destroy`.
    pub program: Program,
    /// What the run before declared, when it finished all of it.
    pub before: Option<Program>,
    pub protected: BTreeSet<u8>,
    pub retained: BTreeSet<u8>,
}

#[derive(Default)]
pub struct Inner {
    pub items: BTreeMap<String, Item>,
    pub intended: Intended,
    /// Broken promises.
    pub broken: Vec<String>,
    /// Calls that change something.
    pub changes: u64,
    pub log: Vec<String>,
    /// Names that the cloud keeps although what had them is gone.
    kept_names: BTreeSet<String>,
    /// What still counts as in use, and until when.
    clings: BTreeMap<String, Instant>,
    /// What the cloud works on by itself, and until when.
    busy: BTreeMap<String, Instant>,
    /// Sizes that were refused in this run, by whose they are.
    pub mistakes: BTreeMap<Urn, u32>,
    next: u32,
}

/// The clients of one process.
#[derive(Clone)]
pub struct Cloud {
    pub inner: Arc<Mutex<Inner>>,
    pub sky: Arc<Mutex<Sky>>,
    pub process: Process,
    /// What is durable, seen from outside.
    pub ledger: StateStore,
    pub sabotage: Sabotage,
    pub account: &'static str,
}

/// A cloud of the user's own beside the other one: the same things in an account of its own.
pub struct Beside(pub Cloud);

fn refused(kind: ErrorKind, code: &str) -> OpError {
    let mut error = OpError::new(kind, format!("the cloud says {code}"));
    error.code = Some(code.to_owned());
    error
}

/// The code that means everything; only the message tells what.
fn invalid(what: &str) -> OpError {
    let mut error = OpError::new(ErrorKind::Invalid, format!("the cloud says: {what}"));
    error.code = Some("Invalid".into());
    error
}

/// A size that is a mistake of whoever declares it.
pub const NO_SIZE: i64 = 66;

/// One change of a batch of records: what is put, or else deleted.
pub struct RecordEdit {
    pub urn: Urn,
    pub generation: u64,
    pub token: String,
    pub id: String,
    pub put: Option<Props>,
}

type Answer<T> = Result<T, OpError>;

impl Props {
    /// Clouds quote in their errors what they were sent.
    fn quoted(&self, error: OpError) -> OpError {
        let Self { secret, note, quote, .. } = self;
        let message = format!("{} (sent was {secret:?} {note:?} {quote:?})", error.message);
        OpError { message, ..error }
    }
}

impl Cloud {
    /// A call: leaves, takes effect, is answered, each at a time of its own. What is on its
    /// way takes effect even if the process dies meanwhile.
    async fn call<T: Send + 'static>(
        &self,
        what: String,
        changes: bool,
        effect: impl FnOnce(&mut Inner, &mut Sky) -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        self.process.leaves().await;
        let (fate, there, back) = {
            let mut sky = self.sky.lock().unwrap();
            (sky.fate(), sky.way(), sky.way())
        };
        let cloud = self.clone();
        let sent = tokio::spawn(async move {
            tokio::time::sleep(there).await;
            let answer = match fate {
                Fate::Throttled => {
                    let misread = cloud.sabotage == Sabotage::Misread;
                    let kind = if misread { ErrorKind::Other } else { ErrorKind::Throttled };
                    Err(refused(kind, "Throttling"))
                }
                Fate::Fails { took_effect: false } => {
                    Err(refused(ErrorKind::Service, "InternalFailure"))
                }
                Fate::Lost { took_effect: false } | Fate::Hangs { took_effect: false } => {
                    Err(OpError::new(ErrorKind::NoAnswer, "connection reset"))
                }
                _ => {
                    let mut inner = cloud.inner.lock().unwrap();
                    inner.changes += u64::from(changes);
                    let answer = effect(&mut inner, &mut cloud.sky.lock().unwrap());
                    let end = answer.as_ref().err().map(ToString::to_string);
                    inner.log.push(format!("{what}: {}", end.as_deref().unwrap_or("done")));
                    answer
                }
            };
            tokio::time::sleep(back).await;
            if matches!(fate, Fate::Hangs { .. }) {
                tokio::time::sleep(Duration::from_secs(60)).await;
            }
            answer
        });
        let answer = sent.await.expect("the cloud does not panic");
        self.process.hears().await;
        match fate {
            Fate::Fails { .. } => Err(refused(ErrorKind::Service, "InternalFailure")),
            Fate::Lost { .. } | Fate::Hangs { .. } => {
                Err(OpError::new(ErrorKind::NoAnswer, "connection reset"))
            }
            _ => answer,
        }
    }

    /// Whatever a resource needs must be durable before a call for it leaves.
    async fn check_durable(&self, urn: &Urn, what: &str) {
        let needs = {
            let inner = self.inner.lock().unwrap();
            let Some(spec) = inner.intended.program.0.get(&index(urn.name())) else { return };
            spec.needs()
        };
        if needs.is_empty() {
            return;
        }
        let Ok(loaded) = self.ledger.load(PROJECT, STACK).await else { return };
        for need in needs {
            let of = |u: &Urn| index(u.name()) == need;
            let complete = loaded
                .state
                .resources
                .values()
                .any(|r| of(&r.urn) && r.completeness == Completeness::Complete);
            let open = loaded.state.intents.values().any(|o| {
                // What is deleted may be a half-made replacement, which nobody needs.
                let half_made = o.intent.action == IntentAction::Delete
                    && loaded.state.in_use(&o.intent.urn).is_some();
                of(&o.intent.urn)
                    && !half_made
                    && loaded.state.current(&o.intent.urn).map(|r| r.generation)
                        <= Some(o.intent.generation)
            });
            if !complete || open {
                let text = format!("{what} of {} left before r{need} was durable", urn.short());
                self.inner.lock().unwrap().broken.push(text);
            }
        }
    }

    pub async fn create(
        cx: &Cx<Cloud>,
        kind: Kind,
        props: Props,
        slow: Duration,
    ) -> Answer<(String, Item)> {
        cx.check_durable(cx.urn(), "create").await;
        let (urn, generation, token) = (cx.urn().clone(), cx.generation(), cx.token().to_owned());
        let what = format!("create {}@{generation}", urn.short());
        let sent = props.clone();
        let made = cx.call(what, true, move |inner, sky| {
            let now = Instant::now();
            inner.check_size(&urn, &props)?;
            inner.check_refs(&urn, &props, now)?;
            let twin = |i: &Item| i.is_live() && i.kind == kind;
            let mut twins = inner.items.iter_mut().map(|(id, i)| (id.clone(), i));
            let taken = twins.find(|(_, i)| {
                twin(i)
                    && match kind {
                        Kind::Named => i.props.name == props.name,
                        Kind::Tokened => i.token == token,
                        Kind::Part => i.props.name == props.name && i.props.owner == props.owner,
                        Kind::Tagged | Kind::Link | Kind::Record => false,
                    }
            });
            match taken {
                Some((id, item)) if kind == Kind::Tokened => return Ok((id, item.clone())),
                Some(_) => return Err(refused(ErrorKind::AlreadyExists, "AlreadyExists")),
                None => {}
            }
            inner.check_seat(kind, None, &props)?;
            if kind == Kind::Tokened && inner.kept_names.contains(&props.name) {
                return Err(refused(ErrorKind::Other, "NameStillKept"));
            }
            if inner
                .items
                .values()
                .any(|i| i.is_live() && i.urn == urn && i.generation == generation)
            {
                inner.broken.push(format!("{}@{generation} was created twice", urn.short()));
            }
            inner.next += 1;
            let id = format!("{}-{}", format!("{kind:?}").to_lowercase(), inner.next);
            let item = Item {
                kind,
                urn,
                generation,
                token,
                props,
                guest: false,
                before: None,
                visible_at: now + sky.delay(),
                ready_at: now + slow,
                gone_at: None,
            };
            inner.items.insert(id.clone(), item.clone());
            Ok((id, item))
        });
        made.await.map_err(|error| sent.quoted(error))
    }

    /// Attaches a grant; it may be attached already.
    pub async fn attach(cx: &Cx<Cloud>, id: String, props: Props) -> Answer<()> {
        cx.check_durable(cx.urn(), "create").await;
        let (urn, generation, token) = (cx.urn().clone(), cx.generation(), cx.token().to_owned());
        let what = format!("attach {}@{generation} {id}", urn.short());
        cx.call(what, true, move |inner, sky| {
            let now = Instant::now();
            inner.check_size(&urn, &props)?;
            inner.check_refs(&urn, &props, now)?;
            let visible_at = match inner.items.get(&id) {
                Some(there) => there.visible_at,
                None => now + sky.delay(),
            };
            let item = Item {
                kind: Kind::Link,
                urn,
                generation,
                token,
                props,
                guest: false,
                before: None,
                visible_at,
                ready_at: now,
                gone_at: None,
            };
            inner.items.insert(id, item);
            Ok(())
        })
        .await
    }

    /// Changes several records at once, or none of them.
    pub async fn batch(cx: &Cx<Cloud>, edits: Vec<RecordEdit>) -> Answer<()> {
        cx.check_durable(cx.urn(), "batch").await;
        let ids: Vec<&str> = edits.iter().map(|e| e.id.as_str()).collect();
        let what = format!("batch {}", ids.join(" "));
        let intended = cx.inner.lock().unwrap().intended.clone();
        cx.call(what, true, move |inner, sky| {
            let (now, before) = (Instant::now(), (inner.items.clone(), inner.hosts()?));
            for edit in &edits {
                match &edit.put {
                    Some(props) => inner.check_size(&edit.urn, props)?,
                    None => drop(inner.items.remove(&edit.id)),
                }
            }
            for RecordEdit { urn, generation, token, id, put } in edits {
                let Some(props) = put else { continue };
                let known = inner.items.get(&id).map(|i| i.visible_at);
                let item = Item {
                    kind: Kind::Record,
                    urn,
                    generation,
                    token,
                    props,
                    guest: false,
                    before: None,
                    visible_at: known.unwrap_or_else(|| now + sky.delay()),
                    ready_at: now,
                    gone_at: None,
                };
                inner.items.insert(id, item);
            }
            match inner.hosts() {
                Ok(hosts) => inner.judge_hosts(&before.1, &hosts, &intended),
                Err(error) => {
                    inner.items = before.0;
                    return Err(error);
                }
            }
            Ok(())
        })
        .await
    }

    pub async fn read(&self, ids: Vec<String>) -> Answer<Vec<Option<Item>>> {
        let kind = match self.sabotage {
            Sabotage::Confused => ErrorKind::Other,
            _ => ErrorKind::NotFound,
        };
        self.call(format!("read {}", ids.join(" ")), false, move |inner, _| {
            let now = Instant::now();
            // A second call, such as for attributes, does not find what the first one shows.
            let late = |id: &String| inner.items.get(id).is_some_and(|i| i.visible_at > now);
            if ids.iter().any(late) {
                return Err(refused(kind, "AttributesNotFound"));
            }
            Ok(ids.iter().map(|id| inner.items.get(id)?.shown(now)).collect())
        })
        .await
    }

    pub async fn find(
        cx: &Cx<Cloud>,
        is_it: impl Fn(&Item) -> bool + Send + 'static,
    ) -> Answer<Option<String>> {
        let what = format!("find {}@{}", cx.urn().short(), cx.generation());
        let blind = cx.sabotage == Sabotage::Blind;
        cx.call(what, false, move |inner, _| {
            let now = Instant::now();
            let mut shown = inner.items.iter().filter_map(|(id, i)| Some((id, i.shown(now)?)));
            // What is on its way out is still found.
            let there = |i: &Item| i.gone_at.is_none_or(|at| at > now);
            Ok(shown.find(|(_, i)| !blind && there(i) && is_it(i)).map(|(id, _)| id.clone()))
        })
        .await
    }

    pub async fn update(
        cx: &Cx<Cloud>,
        id: &str,
        change: impl FnOnce(&mut Props) + Send + 'static,
    ) -> Answer<()> {
        cx.check_durable(cx.urn(), "update").await;
        let (urn, id) = (cx.urn().clone(), id.to_owned());
        cx.call(format!("update {}", urn.short()), true, move |inner, sky| {
            let now = Instant::now();
            let item = inner.items.get(&id).filter(|i| i.is_live());
            let Some(item) = item else {
                return Err(refused(ErrorKind::NotFound, "NotFound"));
            };
            let old = item.props.clone();
            let mut props = old.clone();
            change(&mut props);
            let kind = item.kind;
            let mut checked = || {
                if props.size != old.size {
                    inner.check_size(&urn, &props)?;
                }
                if props.room < old.room {
                    return Err(invalid("no room is taken back"));
                }
                inner.check_busy(&id, sky, now)?;
                inner.check_refs(&urn, &props, now)?;
                match props.seat != old.seat {
                    true => inner.check_seat(kind, Some(&id), &props),
                    false => Ok(()),
                }
            };
            checked().map_err(|error| props.quoted(error))?;
            let item = inner.items.get_mut(&id).expect("just seen");
            item.props = props;
            item.before = Some((old, now + sky.delay()));
            Ok(())
        })
        .await
    }

    /// Deletes it; a slow one stays visible as going for a while.
    pub async fn delete(cx: &Cx<Cloud>, id: &str, slow: bool) -> Answer<()> {
        let (urn, id) = (cx.urn().clone(), id.to_owned());
        let what = format!("delete {}@{} {id}", urn.short(), cx.generation());
        // By the rules of the run that sends it, even if it arrives in the next one.
        let intended = cx.inner.lock().unwrap().intended.clone();
        cx.call(what, true, move |inner, sky| {
            let Some(item) = inner.items.get(&id).filter(|i| i.is_live()) else { return Ok(()) };
            let item = item.clone();
            let now = Instant::now();
            inner.check_busy(&id, sky, now)?;
            if inner.clings.get(&id).is_some_and(|until| *until > now) {
                return Err(refused(ErrorKind::Dependency, "InUse"));
            }
            let in_use = inner.items.values().any(|i| {
                let goes_with = i.kind == Kind::Part && i.props.owner.as_ref() == Some(&id);
                i.gone_at.is_none_or(|t| t > Instant::now())
                    && !goes_with
                    && i.holds().any(|held| *held == id)
            });
            if in_use {
                return Err(refused(ErrorKind::Dependency, "InUse"));
            }
            inner.judge_delete(&id, &item, &intended);
            for held in item.holds() {
                inner.clings.insert(held.clone(), now + sky.cling());
            }
            // Nothing helps who wants one name again and again.
            if item.kind == Kind::Tokened && !item.props.name.starts_with("fixed-") {
                inner.kept_names.insert(item.props.name.clone());
            }
            let parts = inner.items.iter().filter(|(_, i)| i.props.owner.as_ref() == Some(&id));
            let parts: Vec<String> = parts.map(|(id, _)| id.clone()).collect();
            parts.iter().for_each(|part| drop(inner.items.remove(part)));
            if !slow {
                inner.items.remove(&id);
            } else if let Some(item) = inner.items.get_mut(&id) {
                item.gone_at = Some(Instant::now() + sky.going());
            }
            Ok(())
        })
        .await
    }
}

impl Inner {
    fn check_size(&mut self, urn: &Urn, props: &Props) -> Answer<()> {
        if props.size != NO_SIZE {
            return Ok(());
        }
        *self.mistakes.entry(urn.clone()).or_default() += 1;
        Err(invalid("such a size is not offered"))
    }

    /// Whether the cloud is not at work on it.
    fn check_busy(&mut self, id: &str, sky: &mut Sky, now: Instant) -> Answer<()> {
        if self.busy.get(id).is_none_or(|until| *until <= now) {
            match sky.busy() {
                Duration::ZERO => return Ok(()),
                time => self.busy.insert(id.to_owned(), now + time),
            };
        }
        Err(refused(ErrorKind::Other, "Busy"))
    }

    /// Hosts that have a record; more than one never.
    fn hosts(&self) -> Answer<BTreeSet<String>> {
        let mut hosts = BTreeSet::new();
        let records = self.items.values().filter(|i| i.kind == Kind::Record);
        match records.into_iter().all(|i| hosts.insert(i.props.name.clone())) {
            true => Ok(hosts),
            false => Err(refused(ErrorKind::Other, "TwoRecords")),
        }
    }

    /// A seat is taken until whoever has it is gone.
    fn check_seat(&self, kind: Kind, id: Option<&String>, props: &Props) -> Answer<()> {
        let Some(seat) = props.seat else { return Ok(()) };
        let taken = self.items.iter().any(|(other, i)| {
            i.kind == kind
                && Some(other) != id
                && i.props.seat == Some(seat)
                && i.gone_at.is_none_or(|t| t > Instant::now())
        });
        if taken { Err(refused(ErrorKind::Other, "SeatTaken")) } else { Ok(()) }
    }

    /// What is referred to must exist, be visible, and be usable.
    fn check_refs(&mut self, urn: &Urn, props: &Props, now: Instant) -> Answer<()> {
        let all = || props.refs.iter().chain(&props.fixed_refs).chain(&props.owner);
        // Services ask further: for the policies of the role that something names.
        let further = all().filter_map(|id| self.items.get(id)).flat_map(Item::uses);
        let hidden = |i: &Item| {
            i.visible_at > now || i.before.as_ref().is_some_and(|(_, until)| *until > now)
        };
        let mut seen = all().chain(further).filter_map(|id| self.items.get(id));
        if seen.any(|i| i.is_live() && hidden(i)) {
            return Err(invalid("it is not yet visible"));
        }
        for id in all() {
            match self.items.get(id).filter(|i| i.is_live()) {
                None => {
                    return Err(invalid("there is no such thing"));
                }
                Some(item) if item.visible_at > now => {
                    return Err(invalid("it is not yet visible"));
                }
                Some(item) if item.ready_at > now => {
                    let text = format!("{} used {id} before it was usable", urn.short());
                    self.broken.push(text);
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// A host that keeps a record is never without one.
    fn judge_hosts(&mut self, old: &BTreeSet<String>, new: &BTreeSet<String>, intended: &Intended) {
        // Where a record is deleted first with what it depends on, so is its host's.
        let declares = |program: &Program, host: &str| {
            let mut records = program.0.iter().filter(|(_, s)| s.kind == Kind::Record);
            records.any(|(at, s)| s.host() == host && !program.goes_first(*at))
        };
        for host in old.difference(new) {
            let kept = intended.before.as_ref().is_some_and(|p| declares(p, host));
            if kept && declares(&intended.program, host) {
                self.broken.push(format!("{host} was without a record"));
            }
        }
    }

    /// Nothing goes that is protected, retained or still needed.
    fn judge_delete(&mut self, id: &str, item: &Item, intended: &Intended) {
        let number = index(item.urn.name());
        let program = &intended.program.0;
        let who = format!("{}@{}", item.urn.short(), item.generation);
        if intended.protected.contains(&number) {
            self.broken.push(format!("{who} was deleted, but is protected"));
        }
        if intended.retained.contains(&number) {
            self.broken.push(format!("{who} was deleted, but was to be retained"));
        }
        for (other, user) in self.items.iter().filter(|(_, i)| i.is_live()) {
            // Its parts go with it; what is left behind on purpose keeps whatever it has.
            let left_behind = intended.retained.contains(&index(user.urn.name()));
            if left_behind || user.props.owner.as_deref() == Some(id) {
                continue;
            }
            // Where something goes first, its users cannot all let go before.
            let first = |n| intended.program.goes_first(n);
            let excused = first(number) || first(index(user.urn.name()));
            if user.props.refs.contains(id) && !excused {
                self.broken.push(format!("{who} was deleted, but {other} still used it"));
            }
            let declared = program.get(&index(user.urn.name()));
            let leans = declared.is_some_and(|s| s.needs().contains(&number));
            if leans && !program.contains_key(&number) {
                self.broken.push(format!("{who} was deleted, but {other} depends on it"));
            }
        }
        // A destroy declares nothing: what was made from it goes before it.
        let before = intended.before.iter().flat_map(|p| &p.0);
        let leaning: BTreeSet<u8> = before
            .filter(|(_, s)| s.needs().contains(&number) && !s.retain)
            .map(|(n, _)| *n)
            .collect();
        let mut live = self.items.values().filter(|i| i.is_live() && i.kind != Kind::Part);
        if program.is_empty() && live.any(|i| leaning.contains(&index(i.urn.name()))) {
            self.broken.push(format!("{who} was destroyed before what depends on it"));
        }
    }

    /// Somebody deletes it behind the engine's back; not what others hold on to.
    pub fn vanish(&mut self, number: u8, sky: &mut Sky) {
        let mut live = self.items.iter().filter(|(_, i)| i.is_live());
        let found = live.find(|(_, i)| index(i.urn.name()) == number);
        let Some(id) = found.map(|(id, _)| id.clone()) else { return };
        if self.items.values().any(|i| i.holds().any(|held| *held == id)) {
            return;
        }
        match self.items.get_mut(&id) {
            Some(item) if item.kind.is_slow() => item.gone_at = Some(Instant::now() + sky.going()),
            _ => drop(self.items.remove(&id)),
        }
    }

    /// The cloud extends it by itself.
    pub fn grow(&mut self, number: u8) {
        let mut live = self.items.values_mut().filter(|i| i.is_live());
        if let Some(item) = live.find(|i| index(i.urn.name()) == number) {
            item.props.room += 5;
        }
    }

    /// Somebody changes it behind the engine's back.
    pub fn meddle(&mut self, number: u8) {
        let mut live = self.items.values_mut().filter(|i| i.is_live());
        if let Some(item) = live.find(|i| index(i.urn.name()) == number) {
            item.props.size += 1_000;
            item.guest ^= !matches!(item.kind, Kind::Link | Kind::Record);
        }
    }
}

impl Connector for Cloud {
    type Cloud = Cloud;

    async fn connect(&self, _: &ProviderConfig) -> Answer<Cloud> {
        Ok(self.clone())
    }

    async fn namespace(&self, _: &ProviderConfig) -> Answer<Namespace> {
        Ok(Namespace { account: self.account.into(), region: "mars-1".into() })
    }
}

impl Connector for Beside {
    type Cloud = Cloud;

    async fn connect(&self, _: &ProviderConfig) -> Answer<Cloud> {
        Ok(self.0.clone())
    }

    async fn namespace(&self, _: &ProviderConfig) -> Answer<Namespace> {
        Ok(Namespace { account: format!("beside-{}", self.0.account), region: "mars-1".into() })
    }
}
