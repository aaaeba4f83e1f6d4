#pragma once
/// HDF5 files through HDF5's C library. Opt-in: needs the CMake target graft::keras, or -lhdf5.
#include <graft/io/hdf5_reader.hpp>
#include <graft/io/hdf5_writer.hpp>
