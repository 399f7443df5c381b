# SPDX-License-Identifier: GPL-2.0-or-later
#
# Unit tests of the console's page: its pure modules under Node.js. The page
# itself needs neither it nor a build step.
find_program(NODE node)
foreach(area elements format pure source stream text window)
	if(NODE)
		add_test(NAME page_${area}
			COMMAND ${NODE} --test ${CMAKE_CURRENT_SOURCE_DIR}/page/test_${area}.mjs)
	else()
		add_test(NAME page_${area} COMMAND sh -c "echo 'nodejs is not installed'; exit 77")
	endif()
	set_tests_properties(page_${area} PROPERTIES TIMEOUT 60 SKIP_RETURN_CODE 77 LABELS page)
endforeach()
