#pragma once
/// Keras's own files, read and written: .weights.h5 and .h5. Opt-in: needs the CMake target graft::keras.
#include <graft/keras/weights.hpp>
