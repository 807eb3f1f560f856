//! Batches of flows in, blocks of lines out.

use std::io;

use arrow_array::RecordBatch;

use crate::cells::{Cell, Kind};
use crate::known::Known;
use crate::row::Row;
use crate::sorted::{Sorted, Unsorted};
use crate::source::{kinds, sources};
use crate::{comma, document, table};

/// Columns of a row at most: there are 39, and 48 of exporters.
const MOST_COLUMNS: usize = 64;

/// What a line looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// An ECS document as JSON.
    Document,
    /// A row of a table for people.
    Table,
    /// Columns separated by commas.
    Commas,
}

/// Why there are no lines.
#[derive(Debug)]
pub enum Fault {
    /// What waits for its turn could not be kept.
    Storage(io::Error),
    /// The columns are not those of flows.
    Columns(String),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        Fault::Storage(error)
    }
}

/// How rows are written, for the columns they have.
enum Writer {
    Document(Box<document::Places>),
    Table(Box<table::Places>),
    Commas,
}

/// Names and kinds of columns.
#[derive(Default)]
struct Columns {
    names: Vec<String>,
    kinds: Vec<Kind>,
    /// Which of them numbers the flows.
    flow: usize,
}

impl Columns {
    fn of(batch: &RecordBatch) -> Result<Columns, Fault> {
        let schema = batch.schema_ref();
        let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        let kinds = kinds(schema).map_err(Fault::Columns)?;
        let flow = names.iter().position(|name| name == "flow");
        if names.len() > MOST_COLUMNS {
            return Err(Fault::Columns(format!("{} columns, more than {MOST_COLUMNS}", names.len())));
        }
        Ok(Columns { names, kinds, flow: flow.ok_or_else(|| Fault::Columns("no column flow".to_string()))? })
    }

    /// Where a column is; behind the last where there is none.
    fn at(&self, name: &str) -> usize {
        self.names.iter().position(|known| known == name).unwrap_or(self.names.len())
    }

    fn writer(&self, form: Form) -> Writer {
        match form {
            Form::Document => Writer::Document(Box::new(document::Places::new(|name| self.at(name)))),
            Form::Table => Writer::Table(Box::new(table::Places::new(|name| self.at(name)))),
            Form::Commas => Writer::Commas,
        }
    }
}

/// Flows that wait until all are there.
pub struct Lines {
    columns: Option<Columns>,
    rows: Unsorted,
    count: u64,
}

impl Lines {
    /// No flows, and how many bytes of them may be in memory; others go to an unnamed file.
    pub fn new(memory: usize) -> Lines {
        Lines { columns: None, rows: Unsorted::new(memory), count: 0 }
    }

    /// Take some flows. All batches have the same columns.
    pub fn take(&mut self, batch: &RecordBatch) -> Result<(), Fault> {
        if self.columns.is_none() {
            self.columns = Some(Columns::of(batch)?);
        }
        let Some(columns) = &self.columns else { return Ok(()) };
        if batch.num_columns() != columns.names.len() {
            return Err(Fault::Columns("batches with other columns than those before".to_string()));
        }
        let sources = sources(batch).map_err(Fault::Columns)?;
        let Some(flow) = sources.get(columns.flow) else { return Ok(()) };
        for row in 0..batch.num_rows() {
            let number = flow.cell(row).number().unwrap_or_default();
            self.rows.add(number, |to| sources.iter().for_each(|source| source.cell(row).write(to)))?;
        }
        self.count += batch.num_rows() as u64;
        Ok(())
    }

    /// How many flows were taken.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// All are there: give them in order.
    pub fn ordered(self, form: Form, known: Known) -> Result<Ordered, Fault> {
        let columns = self.columns.unwrap_or_default();
        let writer = columns.writer(form);
        Ok(Ordered { columns, writer, rows: self.rows.sorted()?, known, record: Vec::new() })
    }
}

/// Lines in order.
pub struct Ordered {
    columns: Columns,
    writer: Writer,
    rows: Sorted,
    known: Known,
    record: Vec<u8>,
}

impl Ordered {
    /// The line above all others, where there is one.
    pub fn heading(&self) -> Option<String> {
        match &self.writer {
            Writer::Document(_) => None,
            Writer::Table(_) => Some(table::heading()),
            Writer::Commas => Some(comma::heading(&self.columns.names)),
        }
    }

    /// Whole lines, about so many bytes and at most so many lines; and how many there are, 0 at the end.
    pub fn block(&mut self, bytes: usize, most: u64) -> Result<(Vec<u8>, u64), Fault> {
        let mut block = Vec::with_capacity(bytes + (1 << 12));
        let mut lines = 0;
        while lines < most && block.len() < bytes && self.rows.next(&mut self.record)? {
            let mut cells = [Cell::Null; MOST_COLUMNS];
            let row = Row::read(&self.columns.kinds, &self.record, &mut cells);
            let row = row.ok_or(io::ErrorKind::InvalidData).map_err(io::Error::from)?;
            match &self.writer {
                Writer::Document(places) => places.write(&row, &self.known, &mut block),
                Writer::Table(places) => places.write(&row, &self.known, &mut block),
                Writer::Commas => comma::write(&row, &mut block),
            }
            block.push(b'\n');
            lines += 1;
        }
        Ok((block, lines))
    }
}
