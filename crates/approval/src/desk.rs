//! Where people propose and approve, and acts ask whether they may begin.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use access::{Action, Identity, ProposalKind, Rules};
use data_encoding::HEXLOWER;
use policy::{Name, PartKind, PolicySet, Purpose, ReleasePlan};
use ring::rand::{SecureRandom, SystemRandom};
use store::Db;
use store::proposals::{self, AgreedPart, Approved, NewProposal, Refused, Rule};
use submission::{Clock, ProblemCode};

use crate::force::{Force, Holding, JOINT};
use crate::words::{self, InForce};
use crate::{ApprovalError, Bound, ShownProposal};

/// What a desk is made of.
pub struct Setup {
    /// The unit's database.
    pub db: Db,
    /// The folder it reads.
    pub policies: Arc<PolicySet>,
    /// The projects it serves.
    pub projects: BTreeSet<Name>,
    /// Where it takes the time from.
    pub clock: Clock,
}

/// The desk of one unit. Cheap to clone.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

struct Inner {
    setup: Setup,
    rules: Arc<Rules>,
    random: SystemRandom,
    force: RwLock<BTreeMap<Name, Force>>,
}

impl Desk {
    /// How long a proposal can be approved and used, in seconds: fourteen days.
    pub const LIFE: i64 = 14 * 24 * 3600;

    /// Reads what is in force, and proposes to the people of each project what of the folder is not.
    ///
    /// # Errors
    /// [`ApprovalError::Rules`] with file and line, [`ApprovalError::Store`].
    pub async fn open(setup: Setup) -> Result<Self, ApprovalError> {
        let rules = Arc::new(Rules::read(&setup.policies.access).map_err(ApprovalError::Rules)?);
        let (random, force) = (SystemRandom::new(), RwLock::default());
        let desk = Self(Arc::new(Inner { setup, rules, random, force }));
        desk.refresh().await?;
        for project in &desk.0.setup.projects {
            if !desk.waiting(project).is_empty() {
                let bound = desk.folder(project)?;
                desk.make(None, &bound).await?;
            }
        }
        Ok(desk)
    }

    /// Whether somebody whose time is not over may do this in their own project, by the rules that
    /// are in force there. A proposal without a kind stands for any.
    #[must_use]
    pub fn may(&self, who: &Identity, action: Action, kind: Option<ProposalKind>) -> bool {
        if who.is_over(self.0.setup.clock.today()) {
            return false;
        }
        let rules = match self.force(&who.project, |own| match &own.rules {
            Holding::Approved(rules) => Some(Arc::clone(rules)),
            Holding::OnlyToApprove(rules) => action.has_kind().then(|| Arc::clone(rules)),
        }) {
            Some(Some(rules)) => rules,
            _ => return false,
        };
        rules.permits(&who.asker(), action, &who.project, kind, self.0.setup.clock.today())
    }

    /// Whether rules of access are in force in every project, so that a unit can do its work.
    #[must_use]
    pub fn has_rules(&self) -> bool {
        let holds = |own: &Force| matches!(own.rules, Holding::Approved(_));
        self.0.setup.projects.iter().all(|project| self.force(project, holds).unwrap_or(false))
    }

    /// Rules of the folder that have run out.
    #[must_use]
    pub fn expired(&self) -> Vec<access::Fault> {
        self.0.rules.expired(self.0.setup.clock.today())
    }

    /// Whether a piece of the folder is in force in a project, exactly as it stands there.
    #[must_use]
    pub fn holds(&self, project: &Name, kind: PartKind, name: &Name) -> bool {
        self.force(project, |own| own.holds(kind, name)).unwrap_or(false)
    }

    /// Whether a purpose may be asked: it and the catalogue that it speaks of are in force.
    #[must_use]
    pub fn purpose_holds(&self, purpose: &Purpose) -> bool {
        let project = &purpose.project;
        let catalogue = &self.0.setup.policies.catalogue.name;
        self.holds(project, PartKind::Purpose, &purpose.id)
            && self.holds(project, PartKind::Catalogue, catalogue)
            && self.joint_holds(project)
    }

    /// Whether a plan runs: it, its purpose and the schedule of its project are in force.
    #[must_use]
    pub fn plan_holds(&self, plan: &ReleasePlan, purpose: &Purpose) -> bool {
        self.purpose_holds(purpose)
            && self.holds(&purpose.project, PartKind::Plan, &plan.id)
            && self.schedule_holds(&purpose.project)
    }

    /// Whether a schedule leads to snapshots.
    #[must_use]
    pub fn schedule_holds(&self, project: &Name) -> bool {
        self.holds(project, PartKind::Schedule, project) && self.joint_holds(project)
    }

    /// Whether a project links the people of one county alone, or the officers of all its counties
    /// approved that it links theirs.
    #[must_use]
    pub fn joint_holds(&self, project: &Name) -> bool {
        if self.0.setup.policies.controllers(project).len() <= 1 {
            return true;
        }
        let bound = self.joint(project).and_then(|own| own.canonical());
        let approved = self.force(project, |own| own.joint).flatten();
        bound.is_ok_and(|(_, digest)| approved == Some(*digest.as_bytes()))
    }

    /// What the linkage of a project over a border binds: its counties, by the projects that each
    /// has for itself, and everything that would be asked about their people.
    ///
    /// # Errors
    /// [`ProblemCode::MalformedRequest`] where the project has one county, or one of its counties has
    /// no project of its own here, whose officer could approve.
    pub fn joint(&self, project: &Name) -> Result<Bound, ApprovalError> {
        let malformed =
            |detail: String| ApprovalError::refuse(ProblemCode::MalformedRequest, detail);
        let policies = &self.0.setup.policies;
        let controllers = policies.controllers(project);
        if controllers.len() < 2 {
            return Err(malformed("the purposes of this project are of one county".into()));
        }
        let mut projects = BTreeSet::new();
        for controller in &controllers {
            let alone = |own: &&Name| policies.controllers(own) == BTreeSet::from([*controller]);
            let own = self.0.setup.projects.iter().find(alone).ok_or_else(|| {
                malformed(format!("`{controller}` has no project of its own at this unit"))
            })?;
            projects.insert(own);
        }
        let kinds = [PartKind::Purpose, PartKind::Schedule, PartKind::Plan];
        let mut parts = policies.parts(project)?;
        parts.retain(|part| kinds.contains(&part.kind));
        let about = serde_json::json!({
            "projects": projects, "controllers": controllers, "parts": parts,
        });
        Ok(Bound::new(ProposalKind::CrossCounty, project, about))
    }

    /// The pieces of the folder that wait for approval in a project.
    #[must_use]
    pub fn waiting(&self, project: &Name) -> Vec<(PartKind, Name)> {
        let open = |own: &Force| {
            let parts = own.parts.iter().filter(|(_, holds)| !**holds);
            parts.map(|(part, _)| part.clone()).collect()
        };
        self.force(project, open).unwrap_or_default()
    }

    /// What is in force in a project, in the words in which it was approved.
    ///
    /// # Errors
    /// [`ApprovalError::Store`], [`ApprovalError::Rules`].
    pub async fn in_force(&self, project: &Name) -> Result<InForce, ApprovalError> {
        let agreed = proposals::agreed(&self.0.setup.db).await?;
        InForce::of(project, &agreed, (&self.0.setup.policies, &self.0.rules))
    }

    /// The rules of access as they stand in the folder, in force or not.
    #[must_use]
    pub fn folder_rules(&self) -> &Rules {
        &self.0.rules
    }

    /// What the folder binds for a project.
    ///
    /// # Errors
    /// [`ApprovalError::Policy`], which a loaded folder does not give.
    pub fn folder(&self, project: &Name) -> Result<Bound, ApprovalError> {
        Ok(Bound::policy(project, &self.0.setup.policies.parts(project)?))
    }

    /// Proposes `bound` for somebody who may.
    ///
    /// # Errors
    /// [`ApprovalError::Refused`], [`ApprovalError::Store`].
    pub async fn propose(
        &self,
        who: &Identity,
        bound: &Bound,
    ) -> Result<ShownProposal, ApprovalError> {
        if !self.touches(bound.kind, &bound.project, &bound.about, &who.project) {
            let detail = "propose for your own project";
            return Err(ApprovalError::refuse(ProblemCode::NotFound, detail));
        }
        self.make(Some(&who.name), bound).await
    }

    /// Approves as somebody who may; never one's own.
    ///
    /// # Errors
    /// [`ProblemCode::NotFound`] where it is none of their project's,
    /// [`ProblemCode::ApprovalRefused`].
    pub async fn approve(
        &self,
        who: &Identity,
        proposal: &str,
    ) -> Result<ShownProposal, ApprovalError> {
        self.approve_as((&who.name, &who.project), proposal).await
    }

    /// As [`Desk::approve`], in a trial without identities: nobody asks whether they may.
    ///
    /// # Errors
    /// As [`Desk::approve`].
    pub async fn approve_as(
        &self,
        (name, project): (&Name, &Name),
        proposal: &str,
    ) -> Result<ShownProposal, ApprovalError> {
        let own = self.visible(project, proposal).await?;
        let parts = self.parts_of(&own)?;
        let rule = match own.kind {
            ProposalKind::CrossCounty => Rule::TwoProjects,
            _ => Rule::TwoPeople,
        };
        let (by, at) = ((name.as_str(), project.as_str()), self.now());
        let done = proposals::approve(&self.0.setup.db, proposal, by, rule, &parts, at).await?;
        let refuse =
            |detail: &str| ApprovalError::refuse(ProblemCode::ApprovalRefused, detail.to_owned());
        let done = done.map_err(|why| match why {
            Refused::Unknown => unknown(),
            Refused::OwnProposal => {
                refuse("whoever proposed it does not approve it; ask somebody else")
            }
            Refused::Twice => refuse("you approved it before; somebody else has to"),
            Refused::Closed => refuse("it was approved, used or has expired; propose it anew"),
        })?;
        self.refresh().await?;
        Ok(ShownProposal::of(done, self.now())?)
    }

    /// Everything proposed that touches a project, newest first.
    ///
    /// # Errors
    /// [`ApprovalError::Store`].
    pub async fn list(&self, project: &Name) -> Result<Vec<ShownProposal>, ApprovalError> {
        let mut found = Vec::new();
        for own in proposals::list(&self.0.setup.db).await? {
            let shown = ShownProposal::of(own, self.now())?;
            if self.sees(&shown, project) {
                found.push(shown);
            }
        }
        Ok(found)
    }

    /// Says that exactly this was approved and not yet used; the act's transaction consumes it.
    ///
    /// # Errors
    /// [`ProblemCode::ApprovalNeeded`] where it was not.
    pub async fn require(&self, bound: &Bound) -> Result<Approved, ApprovalError> {
        let (_, digest) = bound.canonical()?;
        let place = (bound.project.as_str(), bound.kind.word());
        Ok(proposals::require(&self.0.setup.db, place, *digest.as_bytes(), self.now()).await?)
    }

    /// Brings the whole folder into force for a trial without identities, in the name of two.
    ///
    /// # Errors
    /// As [`Desk::approve`].
    pub async fn agree(&self, people: [&Name; 2]) -> Result<(), ApprovalError> {
        for project in &self.0.setup.projects {
            if self.waiting(project).is_empty() {
                continue;
            }
            let made = self.make(None, &self.folder(project)?).await?;
            for person in people {
                self.approve_as((person, project), &made.proposal).await?;
            }
        }
        Ok(())
    }

    /// A proposal that somebody of `project` may see.
    ///
    /// # Errors
    /// [`ProblemCode::NotFound`].
    pub async fn visible(
        &self,
        project: &Name,
        proposal: &str,
    ) -> Result<ShownProposal, ApprovalError> {
        let own = proposals::get(&self.0.setup.db, proposal).await?.ok_or_else(unknown)?;
        let shown = ShownProposal::of(own, self.now())?;
        if self.sees(&shown, project) { Ok(shown) } else { Err(unknown()) }
    }

    fn sees(&self, shown: &ShownProposal, project: &Name) -> bool {
        let Ok(own) = Name::new(shown.project.as_str()) else { return false };
        self.touches(shown.kind, &own, &shown.about, project)
    }

    /// A linkage across counties touches every project it names, all else its own.
    fn touches(
        &self,
        kind: ProposalKind,
        own: &Name,
        about: &serde_json::Value,
        project: &Name,
    ) -> bool {
        let named = about.get("projects").and_then(|own| own.as_array());
        own == project
            || (kind == ProposalKind::CrossCounty
                && named.is_some_and(|all| all.iter().any(|one| one == project.as_str())))
    }

    async fn make(
        &self,
        proposer: Option<&Name>,
        bound: &Bound,
    ) -> Result<ShownProposal, ApprovalError> {
        let (about, digest) = bound.canonical()?;
        let mut id = [0; 16];
        self.0.random.fill(&mut id).map_err(|_| ApprovalError::Random)?;
        let id = HEXLOWER.encode(&id);
        let now = self.now();
        let new = NewProposal {
            proposal: &id,
            project: bound.project.as_str(),
            kind: bound.kind.word(),
            about: &about,
            digest: *digest.as_bytes(),
            proposer: proposer.map(Name::as_str),
            expires_at: now.saturating_add(Self::LIFE),
        };
        let made = proposals::propose(&self.0.setup.db, &new, now).await?;
        Ok(ShownProposal::of(made, now)?)
    }

    /// What comes into force by the last approval. The folder that lies here has to be the one that
    /// was proposed: an older proposal cannot bring in what nobody has at hand.
    fn parts_of(&self, own: &ShownProposal) -> Result<Vec<AgreedPart>, ApprovalError> {
        let project = Name::new(own.project.as_str())?;
        let bound = match own.kind {
            ProposalKind::Policy => self.folder(&project)?,
            ProposalKind::CrossCounty => self.joint(&project)?,
            _ => return Ok(Vec::new()),
        };
        if bound.canonical()?.1 != own.digest {
            let detail = "the folder was changed since; approve the proposal of the present one";
            return Err(ApprovalError::refuse(ProblemCode::ApprovalRefused, detail));
        }
        if own.kind == ProposalKind::CrossCounty {
            let digest = *own.digest.as_bytes();
            let (kind, name) = (JOINT.to_owned(), JOINT.to_owned());
            return Ok(vec![AgreedPart { kind, name, digest, content: None }]);
        }
        let part = |part: policy::Part| {
            Ok(AgreedPart {
                kind: part.kind.word().to_owned(),
                name: part.name.to_string(),
                digest: *part.digest.as_bytes(),
                content: words::of(&self.0.setup.policies, &part)?,
            })
        };
        bound.parts().unwrap_or_default().into_iter().map(part).collect()
    }

    async fn refresh(&self) -> Result<(), ApprovalError> {
        let agreed = proposals::agreed(&self.0.setup.db).await?;
        let mut force = BTreeMap::new();
        for project in &self.0.setup.projects {
            let own = Force::of(project, &self.0.setup.policies, &self.0.rules, &agreed)?;
            force.insert(project.clone(), own);
        }
        *self.0.force.write().unwrap_or_else(PoisonError::into_inner) = force;
        Ok(())
    }

    fn force<T>(&self, project: &Name, read: impl FnOnce(&Force) -> T) -> Option<T> {
        self.0.force.read().unwrap_or_else(PoisonError::into_inner).get(project).map(read)
    }

    fn now(&self) -> i64 {
        self.0.setup.clock.now()
    }
}

fn unknown() -> ApprovalError {
    ApprovalError::refuse(ProblemCode::NotFound, "ask for the list of proposals")
}
