# SPDX-License-Identifier: GPL-2.0-or-later

# quietscan_library(NAME SOURCES f… [USES lib…] [EXTERNAL lib…])
# USES: our own folders, the arrows. EXTERNAL: libraries of others, private.
function(quietscan_library name)
	cmake_parse_arguments(A "" "" "SOURCES;USES;EXTERNAL" ${ARGN})
	add_library(${name} STATIC ${A_SOURCES})
	set_target_properties(${name} PROPERTIES OUTPUT_NAME qs_${name}
		POSITION_INDEPENDENT_CODE ON)
	target_compile_options(${name} PUBLIC "SHELL:-iquote ${CMAKE_CURRENT_SOURCE_DIR}")
	target_link_libraries(${name} PUBLIC ${A_USES} PRIVATE quietscan_flags ${A_EXTERNAL})
endfunction()

# All that is installed and runs, by one name: what a service needs beside itself.
add_custom_target(programs)

# quietscan_program(NAME SOURCES f… USES lib… [DESTINATION dir])
# Without DESTINATION it is not installed.
function(quietscan_program name)
	cmake_parse_arguments(A "" "DESTINATION" "SOURCES;USES;EXTERNAL" ${ARGN})
	add_executable(${name} ${A_SOURCES})
	target_link_libraries(${name} PRIVATE ${A_USES} quietscan_flags ${A_EXTERNAL})
	set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
	if(A_DESTINATION)
		install(TARGETS ${name} RUNTIME DESTINATION ${A_DESTINATION})
		add_dependencies(programs ${name})
	endif()
endfunction()
