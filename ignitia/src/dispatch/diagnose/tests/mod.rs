mod agreement;
mod faults;
mod types;
