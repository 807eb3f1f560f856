//! The times of a file's packets, in the order in which they stand in it: do they go on, or back?

/// Packets of several interfaces, or of several processors, may be out of order by less than this, in nanoseconds.
const DISORDER: i64 = 1_000_000_000;
/// So many packets in a row must be early before the clock was set back: of fewer, the time stamps are wrong.
const RUN: u64 = 8;
/// More places where the clock was set back are counted in what it ran, but not described.
const MOST: usize = 100;

/// Where time goes back in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetBack {
    /// Number of the first packet behind it.
    pub packet: u64,
    /// The latest time before it, and the time of that packet: nanoseconds since 1970.
    pub from: i64,
    pub to: i64,
}

/// What the time stamps of a file tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Times {
    /// Index of the file in the list of files read.
    pub file: u32,
    /// The earliest and the latest, but for packets that are early by themselves.
    pub first: i64,
    pub last: i64,
    /// How long the clock ran from the first packet to the last, wherever it was set back to.
    pub ran: i64,
    pub set_back: Vec<SetBack>,
    /// Packets that are early though the clock was not set back, and where the first of them is.
    pub early: u64,
    pub first_early: Option<SetBack>,
}

/// Packets in a row that are early, of which it is not known yet whether they are few.
#[derive(Clone, Copy, Debug)]
struct Run {
    begin: SetBack,
    count: u64,
    latest: i64,
}

#[derive(Clone, Debug)]
pub struct Clock {
    /// The latest time since the clock was set back; before the first packet, the latest that can be.
    latest: i64,
    /// When the stretch of time began that `latest` is the end of.
    begin: i64,
    /// How long the stretches before it were.
    ran: i64,
    /// The time of the first packet, and the earliest and the latest of the stretches before.
    first: Option<i64>,
    span: (i64, i64),
    run: Option<Run>,
    /// What is read: what the clock ran is counted within these.
    pub since: i64,
    pub until: i64,
    set_back: Vec<SetBack>,
    early: u64,
    first_early: Option<SetBack>,
}

impl Default for Clock {
    fn default() -> Clock {
        Clock {
            latest: i64::MAX,
            begin: 0,
            ran: 0,
            first: None,
            span: (i64::MAX, i64::MIN),
            run: None,
            since: i64::MIN,
            until: i64::MAX,
            set_back: Vec::new(),
            early: 0,
            first_early: None,
        }
    }
}

impl Clock {
    /// The next packet was captured then.
    #[inline(always)]
    pub fn pass(&mut self, time: i64, number: u64) {
        if time >= self.latest {
            self.latest = time;
        } else {
            self.behind(time, number);
        }
    }

    /// It is earlier than one before it, or the first.
    #[cold]
    #[inline(never)]
    fn behind(&mut self, time: i64, number: u64) {
        if self.first.is_none() {
            (self.latest, self.begin, self.first) = (time, time, Some(time));
            return;
        }
        if time >= self.latest.saturating_sub(DISORDER) {
            return;
        }
        let begin = SetBack { packet: number, from: self.latest, to: time };
        let run = self.run.get_or_insert(Run { begin, count: 0, latest: time });
        if number != run.begin.packet + run.count {
            *run = Run { begin, count: 0, latest: time };
        }
        run.count += 1;
        run.latest = run.latest.max(time);
        self.early += 1;
        self.first_early.get_or_insert(begin);
        if run.count >= RUN {
            self.take_run();
        }
    }

    /// The clock was set back where the run began.
    fn take_run(&mut self) {
        let Some(run) = self.run.take() else { return };
        if self.set_back.len() < MOST {
            self.set_back.push(run.begin);
        }
        self.early -= run.count.min(self.early);
        self.first_early = self.first_early.filter(|early| early.packet < run.begin.packet);
        self.span = self.span().unwrap_or(self.span);
        self.ran = self.ran();
        (self.begin, self.latest) = (run.begin.to, run.latest);
    }

    /// There are no more packets than so many.
    pub fn end(&mut self, number: u64) {
        if self.run.is_some_and(|run| run.begin.packet + run.count == number + 1) {
            self.take_run();
        }
    }

    /// Take over the times of packets that somebody else has looked at; so many were before them.
    pub fn end_with(&mut self, later: Clock, number: u64) {
        self.end(number);
        let (Some(_), Some(first)) = (self.first, later.first) else {
            if self.first.is_none() {
                *self = later;
            }
            return;
        };
        let moved = |back: SetBack| SetBack { packet: back.packet + number, ..back };
        let mut gap = first.saturating_sub(self.latest);
        if gap < -DISORDER {
            self.set_back.push(SetBack { packet: number + 1, from: self.latest, to: first });
            gap = 0;
        }
        self.span = self.span().unwrap_or(self.span);
        self.span = (self.span.0.min(later.span.0), self.span.1.max(later.span.1));
        self.ran = self.ran().saturating_add(gap).saturating_add(later.ran);
        (self.begin, self.latest) = (later.begin, later.latest);
        self.set_back.extend(later.set_back.into_iter().map(moved));
        self.set_back.truncate(MOST);
        self.early += later.early;
        self.first_early = self.first_early.or(later.first_early.map(moved));
    }

    fn span(&self) -> Option<(i64, i64)> {
        self.first.map(|_| (self.span.0.min(self.begin), self.span.1.max(self.latest)))
    }

    fn ran(&self) -> i64 {
        let stretch = self.latest.min(self.until).saturating_sub(self.begin.max(self.since));
        self.ran.saturating_add(stretch.max(0))
    }

    /// What there is to tell of a file; none where it has no packet.
    pub fn times(&self, file: u32) -> Option<Times> {
        let (first, last) = self.span()?;
        let (set_back, ran) = (self.set_back.clone(), self.ran());
        Some(Times { file, first, last, ran, set_back, early: self.early, first_early: self.first_early })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    fn clock(seconds: impl IntoIterator<Item = i64>) -> (Clock, u64) {
        let (mut clock, mut number) = (Clock::default(), 0);
        for time in seconds {
            number += 1;
            clock.pass(time * SECOND, number);
        }
        (clock, number)
    }

    fn told(seconds: impl IntoIterator<Item = i64>) -> Times {
        let (mut clock, number) = clock(seconds);
        clock.end(number);
        clock.times(0).unwrap()
    }

    #[test]
    fn a_clock_that_is_set_back_runs_on() {
        let times = told((1000..1100).chain(900..1000));
        assert_eq!((times.first, times.last, times.ran), (900 * SECOND, 1099 * SECOND, 198 * SECOND));
        assert_eq!(times.set_back, [SetBack { packet: 101, from: 1099 * SECOND, to: 900 * SECOND }]);
        assert_eq!(times.early, 0);
    }

    #[test]
    fn so_it_does_at_the_end_of_a_file() {
        assert_eq!(told([10, 20, 30, 5]).set_back, [SetBack { packet: 4, from: 30 * SECOND, to: 5 * SECOND }]);
    }

    #[test]
    fn single_early_packets_set_no_clock_back() {
        let times = told((100..200).flat_map(|second| if second % 10 == 5 { [second, 0] } else { [second; 2] }));
        assert_eq!((times.first, times.last, times.ran), (100 * SECOND, 199 * SECOND, 99 * SECOND));
        assert_eq!((times.set_back.len(), times.early), (0, 10));
        assert_eq!(times.first_early, Some(SetBack { packet: 12, from: 105 * SECOND, to: 0 }));
    }

    #[test]
    fn disorder_of_a_second_is_no_news() {
        let times = told([7, 6, 8, 7, 9, 8, 10]);
        assert_eq!((times.set_back.len(), times.early), (0, 0));
    }

    #[test]
    fn two_that_follow_each_other_tell_what_one_would() {
        let all: Vec<i64> = (1000..1100).chain(900..1000).chain([3]).chain(1000..1020).collect();
        for at in [0, 1, 50, 100, 101, 105, 150, 199, 202, 210, all.len()] {
            let (mut first, number) = clock(all[..at].iter().copied());
            let (mut later, rest) = clock(all[at..].iter().copied());
            later.end(rest);
            first.end_with(later, number);
            let whole = told(all.iter().copied());
            let parts = first.times(0).unwrap();
            assert_eq!((parts.last, parts.ran), (whole.last, whole.ran), "{at}");
            assert_eq!(parts.set_back.first(), whole.set_back.first(), "{at}");
        }
    }
}
