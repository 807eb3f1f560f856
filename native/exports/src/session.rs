//! What must be remembered of one exporter to understand its next datagram.

use std::collections::HashMap;

use crate::plan::Plan;
use crate::record::Nanoseconds;
use crate::waiting::{Waiting, WaitingSet};

/// Steps of all plans of one session together; about 128 KiB.
const MOST_STEPS: usize = 16 * 1024;
const MOST_TEMPLATES: usize = 1024;
const MOST_SAMPLERS: usize = 256;
/// Bytes that sets which wait for their template take, of one session.
const MOST_WAITING: usize = 1 << 20;
const SECOND: i64 = 1_000_000_000;
/// A number that is so far behind is a restart, one nearer is a datagram that came late.
const LATE: u32 = 1000;

/// How far a message moves its exporter's count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// As RFC 7011 has it: with the records of options.
    pub all: u32,
    /// As some exporters count: without them.
    pub flows: u32,
}

impl Step {
    pub fn of(count: u32) -> Self {
        Self { all: count, flows: count }
    }
}

/// Counts what the exporter says it sent and we did not get.
#[derive(Default)]
pub struct Sequence {
    previous: Option<(u32, Step)>,
    pub lost: u64,
    pub restarts: u64,
}

impl Sequence {
    /// `number` is what the message says, `step` how far it moves the exporter's count;
    /// `None` where that cannot be known, so that the next message begins anew.
    ///
    /// A message's number does not count the message itself (RFC 3954, 7011), but that of some
    /// exporters does (softflowd 1.1), so a message may also be that far from the one before it.
    pub fn saw(&mut self, number: u32, step: Option<Step>) {
        if let (Some((previous, moved)), Some(now)) = (self.previous, step) {
            let distance = number.wrapping_sub(previous);
            if ![moved.all, moved.flows, now.all, now.flows].contains(&distance) {
                let ahead = distance.wrapping_sub(moved.all);
                let behind = ahead.wrapping_neg();
                if ahead < u32::MAX / 2 {
                    self.lost += u64::from(ahead);
                } else if behind <= LATE {
                    self.lost = self.lost.saturating_sub(u64::from(now.all));
                    return;
                } else {
                    self.restarts += 1;
                }
            }
        }
        self.previous = step.map(|step| (number, step));
    }
}

/// What options said about sampling, by sampler.
#[derive(Default)]
pub struct Sampling {
    factors: HashMap<u64, u32>,
    all: Option<u32>,
}

impl Sampling {
    pub fn learn(&mut self, sampler: Option<u64>, factor: u32) {
        match sampler {
            Some(id) if self.factors.len() < MOST_SAMPLERS || self.factors.contains_key(&id) => {
                self.factors.insert(id, factor);
            }
            Some(_) => {}
            None => self.all = Some(factor),
        }
    }

    /// The factor of a record that names this sampler, or none.
    pub fn of(&self, sampler: Option<u64>) -> u32 {
        let named = sampler.and_then(|id| self.factors.get(&id)).copied();
        let only = match (sampler, self.factors.len()) {
            (None, 1) => self.factors.values().next().copied(),
            _ => None,
        };
        match sampler {
            // Cisco: sampler 0 is "not sampled".
            Some(0) => named.unwrap_or(1),
            _ => named.or(self.all).or(only).unwrap_or(1),
        }
    }
}

#[derive(Default)]
pub struct Session {
    templates: HashMap<u16, Plan>,
    steps: usize,
    waiting: Waiting,
    started: Option<Nanoseconds>,
    pub system_start: Option<Nanoseconds>,
    pub sequence: Sequence,
    pub sampling: Sampling,
    pub heard: Nanoseconds,
    pub datagrams: u64,
    pub records: u64,
    /// Sets that were thrown away because their template did not come.
    pub lost_sets: u64,
    pub refused_templates: u64,
}

impl Session {
    pub fn plan(&self, template: u16) -> Option<&Plan> {
        self.templates.get(&template)
    }

    pub fn templates(&self) -> usize {
        self.templates.len()
    }

    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Bytes of memory that waiting sets take.
    pub fn waiting_bytes(&self) -> usize {
        self.waiting.size()
    }

    /// Keep a template's plan, in place of an older one; `false` where there is no room.
    pub fn learn(&mut self, template: u16, plan: Plan) -> bool {
        self.forget(template);
        if self.templates.len() >= MOST_TEMPLATES || self.steps + plan.size() > MOST_STEPS {
            self.refused_templates += 1;
            return false;
        }
        self.steps += plan.size();
        self.templates.insert(template, plan);
        true
    }

    pub fn forget(&mut self, template: u16) {
        if let Some(plan) = self.templates.remove(&template) {
            self.steps -= plan.size();
        }
    }

    /// Withdrawal of all templates, or of all options templates (RFC 7011, 8.1).
    pub fn forget_all(&mut self, options: bool) {
        self.templates.retain(|_, plan| plan.options != options);
        self.steps = self.templates.values().map(Plan::size).sum();
    }

    pub fn wait(&mut self, set: WaitingSet) {
        if set.size() > MOST_WAITING {
            self.lost_sets += 1;
            return;
        }
        self.waiting.add(set);
        while self.waiting.size() > MOST_WAITING {
            self.give_up_oldest();
        }
    }

    pub fn give_up_oldest(&mut self) -> bool {
        let dropped = self.waiting.drop_oldest();
        self.lost_sets += u64::from(dropped);
        dropped
    }

    /// Give up the sets that came before this time.
    pub fn give_up_before(&mut self, time: Nanoseconds) {
        while self.waiting.since().is_some_and(|oldest| oldest < time) {
            self.give_up_oldest();
        }
    }

    /// The sets that waited for a template that is here now.
    pub fn arrived(&mut self, template: u16) -> Vec<WaitingSet> {
        self.waiting.take(template)
    }

    /// When the exporter started, from the whole seconds and the uptime in a v9 header.
    ///
    /// The fraction of a second is cut off in each header, so the latest of the answers is nearest
    /// to the truth; one that is further off is a new start or a clock that was set.
    pub fn start(&mut self, export: Nanoseconds, uptime: u32) -> Nanoseconds {
        let said = export - i64::from(uptime) * 1_000_000;
        let started = match self.started {
            Some(known) if (known - said).abs() <= SECOND => known.max(said),
            _ => said,
        };
        self.started = Some(started);
        started
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_count_and_what_comes_late_does_not() {
        let mut sequence = Sequence::default();
        for number in [1, 2, 5, 3, 6] {
            sequence.saw(number, Some(Step::of(1)));
        }
        assert_eq!((sequence.lost, sequence.restarts), (1, 0));
    }

    #[test]
    fn a_restart_is_no_loss() {
        let mut sequence = Sequence::default();
        sequence.saw(2_000_000, Some(Step::of(30)));
        sequence.saw(0, Some(Step::of(30)));
        sequence.saw(30, Some(Step::of(30)));
        assert_eq!((sequence.lost, sequence.restarts), (0, 1));
    }

    #[test]
    fn an_exporter_may_count_the_message_itself_and_no_options() {
        let mut sequence = Sequence::default();
        for (number, all, flows) in [(24, 25, 24), (56, 32, 32), (80, 25, 24), (112, 32, 32)] {
            sequence.saw(number, Some(Step { all, flows }));
        }
        assert_eq!((sequence.lost, sequence.restarts), (0, 0));
    }

    #[test]
    fn the_count_wraps() {
        let mut sequence = Sequence::default();
        sequence.saw(u32::MAX, Some(Step::of(1)));
        sequence.saw(0, Some(Step::of(1)));
        assert_eq!((sequence.lost, sequence.restarts), (0, 0));
    }

    #[test]
    fn the_start_is_found_to_the_millisecond() {
        let mut session = Session::default();
        assert_eq!(session.start(1000 * SECOND, 900), 999_100_000_000);
        assert_eq!(session.start(1002 * SECOND, 2_100), 999_900_000_000);
        assert_eq!(session.start(1003 * SECOND, 3_899), 999_900_000_000);
    }
}
