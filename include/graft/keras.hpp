#pragma once
/// Keras's own files, read and written: .keras, .weights.h5 and .h5. Opt-in: needs the CMake target graft::keras.
#include <graft/keras/load_model.hpp>
#include <graft/keras/save_model.hpp>
#include <graft/keras/weights.hpp>
