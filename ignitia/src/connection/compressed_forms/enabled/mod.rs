mod compressed_prefix;
mod form_demand;
mod forms;

pub(crate) use self::{
    compressed_prefix::CompressedPrefix,
    form_demand::{FormDemand, WantedForms},
    forms::CompressedForms,
};
