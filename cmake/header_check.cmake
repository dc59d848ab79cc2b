# ocopmap_headers(<target> <header>...): the headers as a FILE_SET, so that the dev preset compiles each alone
# (CMAKE_VERIFY_INTERFACE_HEADER_SETS). Includes are written from the root: "gis_core/geo/tile_id.hpp".
function(ocopmap_headers target)
  target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${ARGN})
endfunction()
