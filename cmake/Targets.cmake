# weir_library(NAME FOLDER LINK public... PRIVATE private...): every .cpp of FOLDER (and, for core/relay, of its
# sources/) as the static library weir::NAME. main.cpp belongs to the executable.
function(weir_library name folder)
  cmake_parse_arguments(arg "" "" "LINK;PRIVATE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.cpp ${folder}/sources/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  add_library(weir_${name} STATIC ${sources})
  add_library(weir::${name} ALIAS weir_${name})
  target_include_directories(weir_${name} PUBLIC ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/include)
  target_link_libraries(weir_${name} PUBLIC ${arg_LINK} PRIVATE weir_options ${arg_PRIVATE})
  target_compile_definitions(weir_${name} PRIVATE WEIR_VERSION="${PROJECT_VERSION}")
endfunction()

# weir_test(FILE LABEL LINK ...): one binary per source file, under the same name, registered with CTest.
function(weir_test file label)
  cmake_parse_arguments(arg "" "" "LINK" ${ARGN})
  get_filename_component(name ${file} NAME_WE)
  add_executable(${name} ${file})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE weir_options ${arg_LINK} PkgConfig::cmocka)
  target_compile_definitions(${name} PRIVATE WEIR_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  add_test(NAME ${label}/${name} COMMAND ${name})
  set_tests_properties(${label}/${name} PROPERTIES LABELS ${label} TIMEOUT 120)
endfunction()

# weir_fuzzer(FILE LINK ...): a libFuzzer target.
function(weir_fuzzer file)
  cmake_parse_arguments(arg "" "" "LINK" ${ARGN})
  get_filename_component(name ${file} NAME_WE)
  add_executable(${name} ${file})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE weir_options ${arg_LINK})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
endfunction()
